// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IHive} from "../interfaces/IHive.sol";
import {Bits} from "../libraries/Bits.sol";
import {Progress} from "../libraries/ProgressBits.sol";
import {HiveState} from "./HiveState.sol";

/// @title Slots
/// @notice Who holds which shard and which seat.
abstract contract Slots is HiveState {
    using Bits for uint24;

    // Shards

    /// @inheritdoc IHive
    function takeShard(uint64 taskId, uint16 shardId) external {
        TaskState storage t = _tasks[taskId];
        if (shardId >= t.config.shards) revert OutOfRange(shardId, t.config.shards);
        uint32 nodeId = _take(t, t.shards[shardId], shardId, TRAIN);
        emit ShardTaken(taskId, shardId, nodeId, msg.sender);
    }

    /// @inheritdoc IHive
    function releaseShard(uint64 taskId, uint16 shardId) external {
        TaskState storage t = _tasks[taskId];
        Holder storage h = t.shards[shardId];
        _requireHolder(h, shardId);
        _requireShardUnbound(t, shardId);
        emit ShardReleased(taskId, shardId, _vacate(t, h, Kind.Update, shardId));
    }

    /// @inheritdoc IHive
    function refreshShard(uint64 taskId, uint16 shardId) external {
        Holder storage h = _tasks[taskId].shards[shardId];
        address operator = _refresh(h, shardId);
        emit ShardRefreshed(taskId, shardId, h.node, operator);
    }

    /// @inheritdoc IHive
    function freeShard(uint64 taskId, uint16 shardId) external {
        TaskState storage t = _tasks[taskId];
        Holder storage h = t.shards[shardId];
        if (h.node == 0) revert SlotFree(shardId);
        if (_active(t, h.node, TRAIN) && !_missed(t, h, shardId, TRAIN)) revert NotFreeable(shardId, h.node);
        _requireShardUnbound(t, shardId);
        emit ShardFreed(taskId, shardId, _vacate(t, h, Kind.Update, shardId));
    }

    // Seats

    /// @inheritdoc IHive
    function takeSeat(uint64 taskId, uint8 seatId) external {
        TaskState storage t = _tasks[taskId];
        if (seatId >= t.config.seats) revert OutOfRange(seatId, t.config.seats);
        uint32 nodeId = _take(t, t.seats[seatId], seatId, VALIDATE);
        // INVARIANT: one voice a node, so a median and a quorum count nodes.
        if (t.seatOf[nodeId] != 0) revert AlreadySeated(nodeId, t.seatOf[nodeId] - 1);
        t.seatOf[nodeId] = seatId + 1;
        emit SeatTaken(taskId, seatId, nodeId, msg.sender);
    }

    /// @inheritdoc IHive
    function releaseSeat(uint64 taskId, uint8 seatId) external {
        TaskState storage t = _tasks[taskId];
        Holder storage h = t.seats[seatId];
        _requireHolder(h, seatId);
        _requireSeatUnbound(t, seatId);
        delete t.seatOf[h.node];
        emit SeatReleased(taskId, seatId, _vacate(t, h, Kind.Verdict, seatId));
    }

    /// @inheritdoc IHive
    function refreshSeat(uint64 taskId, uint8 seatId) external {
        Holder storage h = _tasks[taskId].seats[seatId];
        address operator = _refresh(h, seatId);
        emit SeatRefreshed(taskId, seatId, h.node, operator);
    }

    /// @inheritdoc IHive
    function freeSeat(uint64 taskId, uint8 seatId) external {
        TaskState storage t = _tasks[taskId];
        Holder storage h = t.seats[seatId];
        if (h.node == 0) revert SlotFree(seatId);
        if (_active(t, h.node, VALIDATE) && !_missed(t, h, seatId, VALIDATE)) revert NotFreeable(seatId, h.node);
        _requireSeatUnbound(t, seatId);
        delete t.seatOf[h.node];
        emit SeatFreed(taskId, seatId, _vacate(t, h, Kind.Verdict, seatId));
    }

    // Internals

    function _take(TaskState storage t, Holder storage h, uint256 index, uint8 role) private returns (uint32 nodeId) {
        if (h.node != 0) revert SlotHeld(index, h.node);
        nodeId = _registry().nodeOf(msg.sender);
        if (!_active(t, nodeId, role)) revert NotEligible(nodeId, role, t.config.minStake);
        h.operator = msg.sender;
        h.node = nodeId;
        h.since = t.latestRound;
        // INVARIANT: what was final before is not this term's; what becomes final is, for nobody before this holder can
        // have brought anything to a round that is open: that would have bound the slot.
        h.paidThrough = t.lastFinal;
        ++held[nodeId];
    }

    /// @dev Ends a term. What it was not paid for stays to be claimed: the slot must be unbound, so that it is in final
    /// rounds all of it.
    function _vacate(TaskState storage t, Holder storage h, Kind kind, uint256 index) private returns (uint32 nodeId) {
        nodeId = h.node;
        --held[nodeId];
        uint32 paidThrough = h.paidThrough;
        uint32 last = t.lastFinal;
        if (paidThrough != last) t.terms[_termKey(kind, index, last)] = Term(nodeId, paidThrough, last);
        h.operator = address(0);
        h.node = 0;
        h.since = 0;
        h.paidThrough = 0;
    }

    function _refresh(Holder storage h, uint256 index) private returns (address operator) {
        if (h.node == 0) revert SlotFree(index);
        operator = _registry().operatorOf(h.node);
        h.operator = operator;
    }

    function _requireHolder(Holder storage h, uint256 index) private view {
        uint32 nodeId = h.node;
        if (nodeId == 0) revert SlotFree(index);
        // The registry's operator too: after a rotation the new key need not refresh a slot to leave it.
        bool isHolder = msg.sender == _registry().operatorOf(nodeId) || msg.sender == _registry().ownerOf(nodeId);
        if (!isHolder) revert NotHolder(msg.sender, nodeId);
    }

    /// @dev INVARIANT: from its update until the end of the round a shard stays with its node. So the medians of all final
    /// rounds of a term are those of its holder's updates.
    function _requireShardUnbound(TaskState storage t, uint16 shardId) private view {
        uint32 latest = t.latestRound;
        // Before the first round there is nothing to be bound by.
        if (latest == 0 || !_isOf(t.updates[shardId], latest)) return;
        if (!_isOver(t.rounds[latest])) revert ShardBound(latest, shardId);
    }

    /// @dev INVARIANT: from its commit until the end of the round a seat stays with its node. So a slash finds who
    /// committed, the tally knows whose update is the seat's own, no successor attests for what it did not judge, and
    /// what a seat is paid is its holder's.
    function _requireSeatUnbound(TaskState storage t, uint8 seatId) private view {
        uint32 latest = t.latestRound;
        RoundState storage r = t.rounds[latest];
        if (r.progress.committed().has(seatId) && !_isOver(r)) revert SeatBound(latest, seatId);
    }

    function _active(TaskState storage t, uint32 nodeId, uint8 role) private view returns (bool) {
        return _registry().isActive(nodeId, role, t.config.minStake);
    }

    /// @dev Follows the final rounds backwards by their bases: never more than missLimit steps.
    /// INVARIANT: a miss is a whole phase let pass. Were a quota that others filled a miss, quick holders could evict slow
    /// ones.
    function _missed(TaskState storage t, Holder storage h, uint16 index, uint8 role) private view returns (bool) {
        uint256 limit = t.config.missLimit;
        uint32 roundId = t.lastFinal;
        for (uint256 i = 0; i < limit; ++i) {
            if (roundId <= h.since) return false;
            RoundState storage r = t.rounds[roundId];
            if (role == TRAIN ? _excusesShard(t, r, roundId, index) : _excusesSeat(t, r, index)) return false;
            roundId = r.progress.baseRound();
        }
        return limit != 0;
    }

    /// @dev The word of the shard's update tells the last round that had one: this one, or one since.
    function _excusesShard(TaskState storage t, RoundState storage r, uint32 roundId, uint16 shardId)
        private
        view
        returns (bool)
    {
        Progress p = r.progress;
        return uint32(uint256(t.updates[shardId])) >= roundId || p.submitted() == p.updateQuota();
    }

    /// @dev A commit that was not revealed is a miss whatever the quota.
    function _excusesSeat(TaskState storage t, RoundState storage r, uint16 seatId) private view returns (bool) {
        Progress p = r.progress;
        if (p.committed().has(seatId)) return p.revealed().has(seatId);
        return p.committed().count() == t.config.verdictQuota;
    }
}
