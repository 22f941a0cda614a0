// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title IHook
/// @notice What Hooked calls.
interface IHook {
    enum Moment {
        Sending,
        Received,
        BeforeBurn,
        AfterBurn
    }

    function onToken(Moment moment) external;
}
