// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IHook} from "./IHook.sol";

/// @title Puppet
/// @notice A contract that is owner, operator or sponsor and calls what its test tells it to: at once, or when a token
/// calls it.
contract Puppet is IHook {
    struct Call {
        address target;
        bytes data;
    }

    mapping(Moment moment => Call[]) private _plans;

    /// @notice Whether a hook reverts: who cannot, or will not, receive.
    bool public deaf;

    /// @notice How many of the planned calls were made, and how many of them succeeded.
    uint256 public made;
    uint256 public succeeded;

    /// @notice What the last planned call that failed failed with.
    bytes public fault;

    error Deaf();

    /// @notice Calls; what it reverts with is what this reverts with.
    function act(address target, bytes memory data) public returns (bytes memory) {
        (bool ok, bytes memory answer) = target.call(data);
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(answer, 32), mload(answer))
            }
        }
        return answer;
    }

    /// @notice Calls one after the other, in one transaction.
    function actAll(Call[] calldata calls) external {
        for (uint256 i = 0; i < calls.length; ++i) act(calls[i].target, calls[i].data);
    }

    /// @notice Plans what to call at the next such moment, once.
    function plan(Moment moment, Call[] calldata calls) external {
        delete _plans[moment];
        for (uint256 i = 0; i < calls.length; ++i) _plans[moment].push(calls[i]);
    }

    function setDeaf(bool deaf_) external {
        deaf = deaf_;
    }

    /// @inheritdoc IHook
    /// @dev A planned call that fails does not fail the transfer: an attacker tries what it can and goes on.
    function onToken(Moment moment) external {
        if (deaf) revert Deaf();
        Call[] memory calls = _plans[moment];
        delete _plans[moment];
        for (uint256 i = 0; i < calls.length; ++i) {
            ++made;
            (bool ok, bytes memory answer) = calls[i].target.call(calls[i].data);
            if (ok) ++succeeded;
            else fault = answer;
        }
    }
}
