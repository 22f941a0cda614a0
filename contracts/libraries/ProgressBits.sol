// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IHiveTypes} from "../interfaces/IHiveTypes.sol";

/// @notice How far a round has come, in one word: all that a submission reads and changes of a round.
type Progress is uint256;

using ProgressBits for Progress global;

/// @title ProgressBits
/// @notice The fields of Progress, lowest bits first: phase 8, deadline 40, submitted 16, updateQuota 16, tallied 16,
/// accepted 16, nextShard 16, committed 24, revealed 24, attested 24, baseRound 32,
/// judgeSeconds 24. The meanings are in
/// IHiveTypes.RoundView; phase and deadline are those that the last call left.
/// @dev By hand, not as a struct: copying a struct of eleven fields from storage and back costs more gas than the rest
/// of a submission's arithmetic, and bytecode in each function that does it.
library ProgressBits {
    uint256 private constant DEADLINE = 8;
    uint256 private constant SUBMITTED = 48;
    uint256 private constant QUOTA = 64;
    uint256 private constant TALLIED = 80;
    uint256 private constant ACCEPTED = 96;
    uint256 private constant NEXT_SHARD = 112;
    uint256 private constant COMMITTED = 128;
    uint256 private constant REVEALED = 152;
    uint256 private constant ATTESTED = 176;
    uint256 private constant BASE_ROUND = 200;
    uint256 private constant JUDGE_SECONDS = 232;

    /// @dev Phase and deadline together.
    uint256 private constant CLOCK_MASK = (1 << 48) - 1;

    // Reading

    function phase(Progress p) internal pure returns (IHiveTypes.Phase) {
        return IHiveTypes.Phase(uint8(Progress.unwrap(p)));
    }

    function deadline(Progress p) internal pure returns (uint40) {
        return uint40(Progress.unwrap(p) >> DEADLINE);
    }

    function submitted(Progress p) internal pure returns (uint16) {
        return uint16(Progress.unwrap(p) >> SUBMITTED);
    }

    function updateQuota(Progress p) internal pure returns (uint16) {
        return uint16(Progress.unwrap(p) >> QUOTA);
    }

    function tallied(Progress p) internal pure returns (uint16) {
        return uint16(Progress.unwrap(p) >> TALLIED);
    }

    function accepted(Progress p) internal pure returns (uint16) {
        return uint16(Progress.unwrap(p) >> ACCEPTED);
    }

    function nextShard(Progress p) internal pure returns (uint16) {
        return uint16(Progress.unwrap(p) >> NEXT_SHARD);
    }

    function committed(Progress p) internal pure returns (uint24) {
        return uint24(Progress.unwrap(p) >> COMMITTED);
    }

    function revealed(Progress p) internal pure returns (uint24) {
        return uint24(Progress.unwrap(p) >> REVEALED);
    }

    function attested(Progress p) internal pure returns (uint24) {
        return uint24(Progress.unwrap(p) >> ATTESTED);
    }

    function baseRound(Progress p) internal pure returns (uint32) {
        return uint32(Progress.unwrap(p) >> BASE_ROUND);
    }

    /// @dev Of the task's settings, so that the submission that fills the quota reads no other slot.
    function judgeSeconds(Progress p) internal pure returns (uint256) {
        return Progress.unwrap(p) >> JUDGE_SECONDS;
    }

    // Writing

    /// @notice A round that opens.
    /// @param judgeSeconds_ At most 30 days, which is less than 2^24.
    function opened(uint40 deadline_, uint16 quota, uint32 base, uint32 judgeSeconds_)
        internal
        pure
        returns (Progress)
    {
        uint256 word = uint256(judgeSeconds_) << JUDGE_SECONDS;
        word |= (uint256(base) << BASE_ROUND) | (uint256(quota) << QUOTA);
        return Progress.wrap(word).enter(IHiveTypes.Phase.Train, deadline_);
    }

    /// @notice The same in another phase.
    /// @param deadline_ First second after it; 0 if none ends it.
    function enter(Progress p, IHiveTypes.Phase phase_, uint256 deadline_) internal pure returns (Progress) {
        return Progress.wrap((Progress.unwrap(p) & ~CLOCK_MASK) | uint256(phase_) | (deadline_ << DEADLINE));
    }

    /// @notice One more update submitted. At most 1024, as there are no more shards.
    function withUpdate(Progress p) internal pure returns (Progress) {
        return _plus(p, 1 << SUBMITTED);
    }

    /// @notice The seat, not committed before, committed a verdict.
    function withCommit(Progress p, uint256 seatId) internal pure returns (Progress) {
        return _plus(p, 1 << (COMMITTED + seatId));
    }

    /// @notice The seat, not revealed before, revealed its verdict.
    function withReveal(Progress p, uint256 seatId) internal pure returns (Progress) {
        return _plus(p, 1 << (REVEALED + seatId));
    }

    /// @notice The seat, not attested before, named a model.
    function withAttestation(Progress p, uint256 seatId) internal pure returns (Progress) {
        return _plus(p, 1 << (ATTESTED + seatId));
    }

    /// @notice The same after a slice of the tally: each count is the new one, 0 to 1024.
    function withCounts(Progress p, uint256 tallied_, uint256 accepted_, uint256 next)
        internal
        pure
        returns (Progress)
    {
        uint256 kept = Progress.unwrap(p) & ~(((1 << 48) - 1) << TALLIED);
        return Progress.wrap(kept | (tallied_ << TALLIED) | (accepted_ << ACCEPTED) | (next << NEXT_SHARD));
    }

    function _plus(Progress p, uint256 one) private pure returns (Progress) {
        unchecked {
            return Progress.wrap(Progress.unwrap(p) + one);
        }
    }
}
