// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IHive} from "../interfaces/IHive.sol";
import {Hashes} from "../libraries/Hashes.sol";
import {Progress, ProgressBits} from "../libraries/ProgressBits.sol";
import {Slashing} from "./Slashing.sol";
import {Training} from "./Training.sol";

/// @title Rounds
/// @notice How rounds begin, what trainers bring, and how a round ends that cannot finish.
abstract contract Rounds is Slashing, Training {
    // Opening

    /// @inheritdoc IHive
    function openRound(uint64 taskId) external returns (uint32 roundId) {
        TaskState storage t = _existing(taskId);
        roundId = t.latestRound;
        if (roundId != 0) _requireOver(t, roundId);
        // INVARIANT: only final rounds use the limit up, or anyone could by opening rounds that nobody joins.
        uint32 limit = t.config.rounds;
        if (limit != 0 && t.finals >= limit) revert NoRoundsLeft(limit);
        uint96 reward = t.config.reward;
        if (reward > t.escrow) revert EscrowTooSmall(t.escrow, reward);
        t.escrow -= reward;
        t.latestRound = ++roundId;
        RoundState storage r = t.rounds[roundId];
        bytes32 seed = _seed(t.config.seed, taskId, roundId);
        uint40 deadline = uint40(block.timestamp) + t.config.trainSeconds;
        r.seed = seed;
        r.progress = ProgressBits.opened(deadline, t.config.updateQuota, t.lastFinal, t.config.judgeSeconds);
        emit RoundOpened(taskId, roundId, seed, t.rounds[t.lastFinal].model, deadline);
    }

    // Training

    /// @inheritdoc IHive
    function submitUpdate(
        uint64 taskId,
        uint32 roundId,
        uint16 shardId,
        bytes32 digest,
        G1 calldata commitment
    ) external {
        TaskState storage t = _tasks[taskId];
        uint32 nodeId = _nodeOfCaller(t.slots[shardId]);
        RoundState storage r = t.rounds[roundId];
        // No call to the registry: the slot knows the operator, and stake cannot leave while it does.
        r.progress = _counted(_training(t, r));
        // INVARIANT: one update a shard and round, so no row is counted twice.
        if (_isOf(t.updates[shardId], roundId)) revert AlreadySubmitted(shardId);
        _store(t, taskId, roundId, shardId, nodeId, digest, commitment);
    }

    // Ending

    /// @inheritdoc IHive
    function cancelRound(uint64 taskId, uint32 roundId) external {
        TaskState storage t = _tasks[taskId];
        RoundState storage r = t.rounds[roundId];
        (Progress p, Phase reached) = _present(t, r);
        if (p.phase() != Phase.Stalled) revert WrongPhase(p.phase(), Phase.Stalled);
        // INVARIANT: who committed and withheld pays, also where withholding is what stalled the round. The first
        // slice of a tally slashes too, and there is one update in each slice: so nobody is slashed twice.
        // A count that begins at 0.
        // slither-disable-next-line incorrect-equality
        bool unpunished = reached == Phase.Reveal || (reached == Phase.Tally && p.tallied() == 0);
        uint96 reward = t.config.reward;
        r.progress = p.enter(Phase.Cancelled, 0);
        t.escrow += reward;
        emit RoundCancelled(taskId, roundId, reached, reward);
        if (unpunished) _slashUnrevealed(taskId, roundId, p);
    }

    // Internals

    /// @dev INVARIANT: one round at a time, so that every round starts from a model that is final.
    function _requireOver(TaskState storage t, uint32 roundId) private view {
        (Progress p,) = _present(t, t.rounds[roundId]);
        Phase phase = p.phase();
        if (phase != Phase.Final && phase != Phase.Cancelled) revert RoundOpen(roundId, phase);
    }

    function _seed(bytes32 fixedSeed, uint64 taskId, uint32 roundId) private view returns (bytes32) {
        if (fixedSeed != 0) return Hashes.ofRoundSeed(fixedSeed, roundId);
        return keccak256(abi.encode(block.prevrandao, blockhash(block.number - 1), taskId, roundId));
    }
}
