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
        emit ShardTaken(taskId, shardId, _take(t, Kind.Update, shardId), msg.sender);
    }

    /// @inheritdoc IHive
    function releaseShard(uint64 taskId, uint16 shardId) external {
        emit ShardReleased(taskId, shardId, _release(_tasks[taskId], Kind.Update, shardId));
    }

    /// @inheritdoc IHive
    function refreshShard(uint64 taskId, uint16 shardId) external {
        (uint32 nodeId, address operator) = _refresh(_tasks[taskId], Kind.Update, shardId);
        emit ShardRefreshed(taskId, shardId, nodeId, operator);
    }

    /// @inheritdoc IHive
    function freeShard(uint64 taskId, uint16 shardId) external {
        emit ShardFreed(taskId, shardId, _free(_tasks[taskId], Kind.Update, shardId));
    }

    // Seats

    /// @inheritdoc IHive
    function takeSeat(uint64 taskId, uint8 seatId) external {
        TaskState storage t = _tasks[taskId];
        if (seatId >= t.config.seats) revert OutOfRange(seatId, t.config.seats);
        uint32 nodeId = _take(t, Kind.Verdict, seatId);
        // INVARIANT: one voice a node, so a median and a quorum count nodes.
        if (t.seatOf[nodeId] != 0) revert AlreadySeated(nodeId, t.seatOf[nodeId] - 1);
        t.seatOf[nodeId] = seatId + 1;
        emit SeatTaken(taskId, seatId, nodeId, msg.sender);
    }

    /// @inheritdoc IHive
    function releaseSeat(uint64 taskId, uint8 seatId) external {
        emit SeatReleased(taskId, seatId, _release(_tasks[taskId], Kind.Verdict, seatId));
    }

    /// @inheritdoc IHive
    function refreshSeat(uint64 taskId, uint8 seatId) external {
        (uint32 nodeId, address operator) = _refresh(_tasks[taskId], Kind.Verdict, seatId);
        emit SeatRefreshed(taskId, seatId, nodeId, operator);
    }

    /// @inheritdoc IHive
    function freeSeat(uint64 taskId, uint8 seatId) external {
        emit SeatFreed(taskId, seatId, _free(_tasks[taskId], Kind.Verdict, seatId));
    }

    // Beginning a term

    function _take(TaskState storage t, Kind kind, uint256 index) private returns (uint32 nodeId) {
        Holder storage h = t.slots[_slotKey(kind, index)];
        if (h.node != 0) revert SlotHeld(index, h.node);
        nodeId = _registry().nodeOf(msg.sender);
        if (!_active(t, kind, nodeId)) revert NotEligible(nodeId, _role(kind), t.config.minStake);
        h.operator = msg.sender;
        h.node = nodeId;
        h.since = t.latestRound;
        // INVARIANT: what was final before is not this term's; what becomes final is, for nobody before this holder can
        // have brought anything to a round that is open: that would have bound the slot.
        h.paidThrough = t.lastFinal;
        ++held[nodeId];
    }

    function _refresh(TaskState storage t, Kind kind, uint256 index)
        private
        returns (uint32 nodeId, address operator)
    {
        Holder storage h;
        (h, nodeId) = _heldSlot(t, kind, index);
        operator = _registry().operatorOf(nodeId);
        h.operator = operator;
    }

    // Ending a term

    function _release(TaskState storage t, Kind kind, uint256 index) private returns (uint32 nodeId) {
        (, nodeId) = _heldSlot(t, kind, index);
        // The registry's operator too: after a rotation the new key need not refresh a slot to leave it.
        if (!_registry().actsFor(nodeId, msg.sender)) revert NotHolder(msg.sender, nodeId);
        _vacate(t, kind, index);
    }

    function _free(TaskState storage t, Kind kind, uint256 index) private returns (uint32 nodeId) {
        Holder storage h;
        (h, nodeId) = _heldSlot(t, kind, index);
        if (_active(t, kind, nodeId) && !_missed(t, h.since, kind, index)) revert NotFreeable(index, nodeId);
        _vacate(t, kind, index);
    }

    /// @dev What the term was not paid for stays to be claimed: the slot is unbound, so that it is in final rounds
    /// all of it.
    function _vacate(TaskState storage t, Kind kind, uint256 index) private {
        _requireUnbound(t, kind, index);
        Holder storage h = t.slots[_slotKey(kind, index)];
        uint32 nodeId = h.node;
        if (kind == Kind.Verdict) delete t.seatOf[nodeId];
        --held[nodeId];
        uint32 paidThrough = h.paidThrough;
        uint32 last = t.lastFinal;
        if (paidThrough != last) t.terms[_termKey(kind, index, last)] = Term(nodeId, paidThrough, last);
        delete t.slots[_slotKey(kind, index)];
    }

    /// @dev INVARIANT: from its update, commit or attestation until the end of the round a slot stays with its node.
    /// So a slash finds who committed, the tally knows whose update is the seat's own, no node names a model from two
    /// seats, and what the final rounds of a term pay is its holder's.
    function _requireUnbound(TaskState storage t, Kind kind, uint256 index) private view {
        uint32 latest = t.latestRound;
        RoundState storage r = t.rounds[latest];
        if (_isOver(r)) return;
        if (kind == Kind.Verdict) {
            // An attestation binds too: a node that hopped from seat to seat could name a model from each.
            uint24 bound = r.progress.committed() | r.progress.attested();
            if (bound.has(index)) revert SeatBound(latest, uint8(index));
        } else if (latest != 0 && _isOf(t.updates[index], latest)) {
            // Before the first round there is nothing to be bound by: 0 is the word of no update.
            revert ShardBound(latest, uint16(index));
        }
    }

    // Internals

    function _heldSlot(TaskState storage t, Kind kind, uint256 index)
        private
        view
        returns (Holder storage h, uint32 nodeId)
    {
        h = t.slots[_slotKey(kind, index)];
        nodeId = h.node;
        if (nodeId == 0) revert SlotFree(index);
    }

    function _role(Kind kind) private pure returns (uint8) {
        return kind == Kind.Update ? TRAIN : VALIDATE;
    }

    function _active(TaskState storage t, Kind kind, uint32 nodeId) private view returns (bool) {
        return _registry().isActive(nodeId, _role(kind), t.config.minStake);
    }

    /// @dev Follows the final rounds backwards by their bases: never more than missLimit steps.
    /// INVARIANT: a miss is a whole phase let pass. Were a quota that others filled a miss, quick holders could evict
    /// slow ones.
    function _missed(TaskState storage t, uint32 since, Kind kind, uint256 index) private view returns (bool) {
        uint256 limit = t.config.missLimit;
        uint32 roundId = t.lastFinal;
        for (uint256 i = 0; i < limit; ++i) {
            if (roundId <= since) return false;
            Progress p = t.rounds[roundId].progress;
            if (kind == Kind.Update ? _excusesShard(t, p, roundId, index) : _excusesSeat(t, p, index)) return false;
            roundId = p.baseRound();
        }
        return limit != 0;
    }

    /// @dev The word of the shard's update tells the last round that had one: this one, or one since.
    function _excusesShard(TaskState storage t, Progress p, uint32 roundId, uint256 shardId)
        private
        view
        returns (bool)
    {
        return uint32(uint256(t.updates[shardId])) >= roundId || p.submitted() == p.updateQuota();
    }

    /// @dev A commit that was not revealed is a miss whatever the quota.
    function _excusesSeat(TaskState storage t, Progress p, uint256 seatId) private view returns (bool) {
        if (p.committed().has(seatId)) return p.revealed().has(seatId);
        return p.committed().count() == t.config.verdictQuota;
    }
}
