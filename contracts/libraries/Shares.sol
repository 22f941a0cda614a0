// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title Shares
/// @notice How a round's reward is split.
library Shares {
    /// @notice What an update earns per unit of its median, and what each paid seat earns, in 1e-18 tokens.
    /// @dev INVARIANT: rate * worth is at most the trainers' part, and share * seats at most the validators' part:
    /// every division rounds down. What is left returns to the escrow when the round is final.
    /// @param reward In 1e-18 tokens, below 2^88.
    /// @param trainerBps The trainers' part in 1/10000, at most 10000.
    /// @param worth The sum of the accepted medians; where it is 0, nothing is earned by it.
    /// @param seats How many seats are paid, likewise.
    function split(uint96 reward, uint16 trainerBps, uint256 worth, uint256 seats)
        internal
        pure
        returns (uint88 rate, uint88 share)
    {
        uint256 trainers = (uint256(reward) * trainerBps) / 10_000;
        if (worth != 0) rate = uint88(trainers / worth);
        if (seats != 0) share = uint88((reward - trainers) / seats);
    }
}
