// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title Newborn
/// @notice A contract that calls while it is being made, when it has no code yet, and that has no function afterwards:
/// whatever it is called with reverts.
contract Newborn {
    constructor(address[] memory targets, bytes[] memory data) {
        for (uint256 i = 0; i < targets.length; ++i) {
            (bool ok, bytes memory answer) = targets[i].call(data[i]);
            if (!ok) {
                assembly ("memory-safe") {
                    revert(add(answer, 32), mload(answer))
                }
            }
        }
    }
}
