// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IHive} from "../interfaces/IHive.sol";
import {Bits} from "../libraries/Bits.sol";
import {Progress} from "../libraries/ProgressBits.sol";
import {HiveState} from "./HiveState.sol";

/// @title Views
/// @notice The hive's state, readable.
abstract contract Views is HiveState {
    using Bits for uint24;

    // Tasks and rounds

    /// @inheritdoc IHive
    function task(uint64 taskId) external view returns (TaskView memory) {
        TaskState storage t = _existing(taskId);
        return TaskView({
            sponsor: t.sponsor,
            spec: t.spec,
            head: t.rounds[t.lastFinal].model,
            escrow: t.escrow,
            latestRound: t.latestRound,
            lastFinal: t.lastFinal,
            finals: t.finals,
            config: t.config
        });
    }

    /// @inheritdoc IHive
    function round(uint64 taskId, uint32 roundId) external view returns (RoundView memory v) {
        TaskState storage t = _tasks[taskId];
        RoundState storage r = t.rounds[roundId];
        (Progress p,) = _present(t, r);
        v.phase = p.phase();
        v.deadline = p.deadline();
        v.seed = r.seed;
        v.base = t.rounds[p.baseRound()].model;
        v.model = r.model;
        v.baseRound = p.baseRound();
        v.submitted = p.submitted();
        v.tallied = p.tallied();
        v.accepted = p.accepted();
        v.nextShard = p.nextShard();
        v.committed = p.committed();
        v.revealed = p.revealed();
        v.attested = p.attested();
        v.paid = r.pay.paid;
        v.worth = r.pay.worth;
        v.rate = r.pay.rate;
        v.share = r.pay.share;
    }

    /// @inheritdoc IHive
    function phaseOf(uint64 taskId, uint32 roundId) external view returns (Phase phase, uint40 deadline) {
        TaskState storage t = _tasks[taskId];
        (Progress p,) = _present(t, t.rounds[roundId]);
        return (p.phase(), p.deadline());
    }

    // Shards and seats

    /// @inheritdoc IHive
    function shard(uint64 taskId, uint16 shardId) external view returns (Holder memory) {
        return _tasks[taskId].slots[shardId];
    }

    /// @inheritdoc IHive
    function seat(uint64 taskId, uint8 seatId) external view returns (Holder memory) {
        return _seat(_tasks[taskId], seatId);
    }

    /// @inheritdoc IHive
    function seatOf(uint64 taskId, uint32 nodeId) external view returns (uint8) {
        return _tasks[taskId].seatOf[nodeId];
    }

    /// @inheritdoc IHive
    function term(uint64 taskId, Kind kind, uint16 index, uint32 through) external view returns (Term memory) {
        return _tasks[taskId].terms[_termKey(kind, index, through)];
    }

    // What is stored of a round

    /// @inheritdoc IHive
    function updateHash(uint64 taskId, uint32 roundId, uint16 shardId) external view returns (bytes32) {
        bytes32 word = _tasks[taskId].updates[shardId];
        return roundId != 0 && _isOf(word, roundId) ? word : bytes32(0);
    }

    /// @inheritdoc IHive
    function verdictHash(uint64 taskId, uint32 roundId, uint8 seatId) external view returns (bytes32) {
        TaskState storage t = _tasks[taskId];
        bool isThere = roundId == t.latestRound && t.rounds[roundId].progress.committed().has(seatId);
        return isThere ? t.verdicts[seatId] : bytes32(0);
    }

    /// @inheritdoc IHive
    function medianOf(uint64 taskId, uint32 roundId, uint16 shardId) external view returns (uint8) {
        return uint8(_median(_tasks[taskId].rounds[roundId], shardId));
    }

    /// @inheritdoc IHive
    function attestations(uint64 taskId, uint32 roundId, bytes32 model) external view returns (uint24) {
        return _tasks[taskId].rounds[roundId].attestations[model];
    }
}
