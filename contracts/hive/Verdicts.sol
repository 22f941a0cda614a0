// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IHive} from "../interfaces/IHive.sol";
import {Bits} from "../libraries/Bits.sol";
import {Hashes} from "../libraries/Hashes.sol";
import {Progress} from "../libraries/ProgressBits.sol";
import {HiveState} from "./HiveState.sol";

/// @title Verdicts
/// @notice What validators say of the updates: first hidden, so that nobody copies, then shown.
abstract contract Verdicts is HiveState {
    using Bits for uint24;

    // Committing

    /// @inheritdoc IHive
    function commitVerdict(uint64 taskId, uint32 roundId, uint8 seatId, bytes32 commitHash) external {
        TaskState storage t = _tasks[taskId];
        uint32 nodeId = _nodeOfCaller(_seat(t, seatId));
        if (commitHash == 0) revert ZeroHash();
        RoundState storage r = t.rounds[roundId];
        Progress p = _inPhase(t, r, Phase.Judge);
        if (p.committed().has(seatId)) revert AlreadyCommitted(seatId);
        p = p.withCommit(seatId);
        // Goes up by one at a time, so it cannot pass the quota by.
        // slither-disable-next-line incorrect-equality
        if (p.committed().count() == t.config.verdictQuota) {
            p = p.enter(Phase.Reveal, block.timestamp + t.config.revealSeconds);
        }
        r.progress = p;
        t.verdicts[seatId] = commitHash;
        emit VerdictCommitted(taskId, roundId, nodeId, seatId, commitHash);
    }

    // Revealing

    /// @inheritdoc IHive
    function revealVerdict(
        uint64 taskId,
        uint32 roundId,
        uint8 seatId,
        bytes calldata scores,
        bytes32 verdict,
        bytes32 salt
    ) external {
        TaskState storage t = _tasks[taskId];
        RoundState storage r = t.rounds[roundId];
        uint32 nodeId = _nodeOfCaller(_seat(t, seatId));
        Progress p = _inPhase(t, r, Phase.Reveal);
        if (scores.length != t.config.shards) revert WrongLength(scores.length, t.config.shards);
        bytes32 scoresHash = keccak256(scores);
        // INVARIANT: only who is bound by a commit in this round can reveal in it. The word alone does not tell: it
        // may have been committed in a round before, for this one. That it is another preimage refuses who has
        // revealed already.
        if (!p.committed().has(seatId)) revert WrongReveal(seatId);
        if (t.verdicts[seatId] != Hashes.ofCommit(taskId, roundId, nodeId, scoresHash, verdict, salt)) {
            revert WrongReveal(seatId);
        }
        p = p.withReveal(seatId);
        // The judge phase had at least a quorum of commits, so this is a quorum of reveals.
        // Sets: who revealed is among those who committed.
        // slither-disable-next-line incorrect-equality
        if (p.revealed() == p.committed()) p = p.enter(Phase.Tally, block.timestamp + t.config.tallySeconds);
        r.progress = p;
        t.verdicts[seatId] = Hashes.ofVerdict(nodeId, scoresHash);
        emit VerdictRevealed(taskId, roundId, nodeId, seatId, scores, verdict);
    }
}
