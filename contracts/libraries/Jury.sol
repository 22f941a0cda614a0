// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Median} from "./Median.sol";

/// @title Jury
/// @notice The revealed verdicts of a round: the median for an update, and how far each judge is from the medians.
/// @dev The innermost loop of the hive: it runs for every judge of every update. Hence unchecked arithmetic, with
/// the bounds beside it, and a read of calldata by offset.
library Jury {
    /// @param seats Seat of each judge, ascending.
    /// @param nodes Node of each judge.
    /// @param offsets Where in calldata each judge's score string begins.
    /// @param margins tolerance * judged - deviation of each judge, plus BIAS.
    struct Judges {
        uint256[] seats;
        uint256[] nodes;
        uint256[] offsets;
        uint256[] margins;
    }

    /// @dev Keeps margins positive: a deviation is at most 1024 updates * (255 + DISAGREEMENT) < 2^20. A margin so
    /// biased fits 32 bits.
    uint256 private constant BIAS = 1 << 31;

    /// @dev Added to the deviation where just one of score and median is 0: the two disagree about acceptance.
    uint256 private constant DISAGREEMENT = 255;

    /// @notice Room for `n` judges, 0 to 20.
    function empty(uint256 n) internal pure returns (Judges memory j) {
        j.seats = new uint256[](n);
        j.nodes = new uint256[](n);
        j.offsets = new uint256[](n);
        j.margins = new uint256[](n);
    }

    /// @notice Seats judge number `i`, whose scores have been checked.
    function seat(Judges memory j, uint256 i, uint8 seatId, uint32 nodeId, bytes calldata scores) internal pure {
        uint256 offset;
        assembly ("memory-safe") {
            offset := scores.offset
        }
        j.seats[i] = seatId;
        j.nodes[i] = nodeId;
        j.offsets[i] = offset;
        j.margins[i] = BIAS;
    }

    /// @notice The lower median of the scores for a shard of all judges but the update's own node; 0 if none is left.
    /// @param shardId Below the length of the score strings.
    function median(Judges memory j, uint256 nodeId, uint256 shardId) internal pure returns (uint256) {
        uint256[] memory nodes = j.nodes;
        uint256[] memory offsets = j.offsets;
        uint256 lanes = 0;
        uint256 k = 0;
        unchecked {
            for (uint256 i = 0; i < nodes.length; ++i) {
                // INVARIANT: nobody judges their own update.
                if (nodes[i] == nodeId) continue;
                lanes = (lanes << Median.LANE) | _score(offsets[i], shardId);
                ++k;
            }
        }
        return Median.lower(lanes, k);
    }

    /// @notice Holds each judge's score for a shard against the recorded median.
    function compare(Judges memory j, uint256 nodeId, uint256 shardId, uint256 recorded, uint256 tolerance)
        internal
        pure
    {
        uint256[] memory nodes = j.nodes;
        uint256[] memory offsets = j.offsets;
        uint256[] memory margins = j.margins;
        unchecked {
            for (uint256 i = 0; i < nodes.length; ++i) {
                if (nodes[i] == nodeId) continue;
                uint256 score = _score(offsets[i], shardId);
                uint256 deviation = score > recorded ? score - recorded : recorded - score;
                if ((score == 0) != (recorded == 0)) deviation += DISAGREEMENT;
                margins[i] += tolerance - deviation;
            }
        }
    }

    /// @notice The set of seats whose deviation is tolerated.
    function paid(Judges memory j) internal pure returns (uint24 set) {
        for (uint256 i = 0; i < j.seats.length; ++i) {
            if (j.margins[i] >= BIAS) set |= uint24(1 << j.seats[i]);
        }
    }

    /// @notice The margins in 32 bits each, to be stored between two slices.
    function packed(Judges memory j) internal pure returns (uint256[3] memory words) {
        for (uint256 i = 0; i < j.margins.length; ++i) words[i / 8] |= j.margins[i] << (32 * (i % 8));
    }

    /// @notice Goes on from stored margins.
    function resume(Judges memory j, uint256[3] memory words) internal pure {
        for (uint256 i = 0; i < j.margins.length; ++i) {
            j.margins[i] = (words[i / 8] >> (32 * (i % 8))) & type(uint32).max;
        }
    }

    function _score(uint256 offset, uint256 shardId) private pure returns (uint256 score) {
        assembly ("memory-safe") {
            score := byte(0, calldataload(add(offset, shardId)))
        }
    }
}
