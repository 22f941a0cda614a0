// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IHive} from "../../../contracts/interfaces/IHive.sol";
import {Funding} from "./Funding.sol";

/// @title Holding
/// @notice Who takes a slot and who loses it.
abstract contract Holding is Funding {
    // Moves

    function takeShard(uint256 seed) external {
        _enter(seed);
        uint64 t = _anyTask();
        _take(_mostly(_nodes[1 + _draw(_nodes.length - 1)].operator), t, Kind.Update, _free(t, Kind.Update));
    }

    function takeSeat(uint256 seed) external {
        _enter(seed);
        uint64 t = _anyTask();
        _take(_mostly(_nodes[1 + _draw(_nodes.length - 1)].operator), t, Kind.Verdict, _free(t, Kind.Verdict));
    }

    function releaseShard(uint256 seed) external {
        _enter(seed);
        _release(Kind.Update);
    }

    function releaseSeat(uint256 seed) external {
        _enter(seed);
        _release(Kind.Verdict);
    }

    function refreshShard(uint256 seed) external {
        _enter(seed);
        uint64 t = _anyTask();
        _refresh(t, Kind.Update, _held(t, Kind.Update));
    }

    function refreshSeat(uint256 seed) external {
        _enter(seed);
        uint64 t = _anyTask();
        _refresh(t, Kind.Verdict, _held(t, Kind.Verdict));
    }

    function freeShard(uint256 seed) external {
        _enter(seed);
        _freeSome(Kind.Update);
    }

    function freeSeat(uint256 seed) external {
        _enter(seed);
        _freeSome(Kind.Verdict);
    }

    // What they come down to

    function _take(address who, uint64 t, Kind kind, uint16 index) internal {
        TaskModel storage task = _tasks[t];
        SlotModel storage slot = task.slots[kind][index];
        uint32 node = _nodeOf[who];
        string memory refusal = "";
        if (index >= (kind == Kind.Update ? task.config.shards : task.config.seats)) refusal = "P10: no such slot";
        else if (slot.node != 0) refusal = "P12: a slot with a holder taken";
        else if (!_isActive(node, kind, task.config.minStake)) refusal = "P11: a slot taken without role or stake";
        else if (kind == Kind.Verdict && _isSeated(t, node)) refusal = "P10: a second seat";
        bytes memory data = kind == Kind.Update
            ? abi.encodeCall(IHive.takeShard, (t, index))
            : abi.encodeCall(IHive.takeSeat, (t, uint8(index)));
        if (!_toHive(who, data, refusal)) return;
        (slot.node, slot.operator, slot.since, slot.term) = (node, who, task.latest, _terms.length);
        TermModel storage term = _terms.push();
        (term.task, term.kind, term.index, term.node) = (t, kind, index, node);
        (term.from, term.paidThrough) = (_lastFinal(task), _lastFinal(task));
        ++_nodes[node].held;
    }

    function _release(address who, uint64 t, Kind kind, uint16 index) internal {
        SlotModel storage slot = _tasks[t].slots[kind][index];
        NodeModel storage n = _nodes[slot.node];
        string memory refusal = "";
        if (slot.node == 0) refusal = "P12: a free slot released";
        else if (who != n.operator && who != n.owner) refusal = "P11: released by another than the holder";
        else if (_isBound(t, kind, index)) refusal = "P12: a bound slot released";
        bytes memory data = kind == Kind.Update
            ? abi.encodeCall(IHive.releaseShard, (t, index))
            : abi.encodeCall(IHive.releaseSeat, (t, uint8(index)));
        if (_toHive(who, data, refusal)) _vacate(t, kind, index);
    }

    function _freeSlot(address who, uint64 t, Kind kind, uint16 index) internal {
        SlotModel storage slot = _tasks[t].slots[kind][index];
        string memory refusal = "";
        if (slot.node == 0) {
            refusal = "P12: a free slot freed";
        } else if (_isActive(slot.node, kind, _tasks[t].config.minStake) && !_missed(t, kind, index)) {
            refusal = "P12: a good holder evicted";
        } else if (_isBound(t, kind, index)) {
            refusal = "P12: a bound slot freed";
        }
        bytes memory data = kind == Kind.Update
            ? abi.encodeCall(IHive.freeShard, (t, index))
            : abi.encodeCall(IHive.freeSeat, (t, uint8(index)));
        if (_toHive(who, data, refusal)) _vacate(t, kind, index);
    }

    function _refresh(uint64 t, Kind kind, uint16 index) private {
        SlotModel storage slot = _tasks[t].slots[kind][index];
        bytes memory data = kind == Kind.Update
            ? abi.encodeCall(IHive.refreshShard, (t, index))
            : abi.encodeCall(IHive.refreshSeat, (t, uint8(index)));
        if (_toHive(_anybody(), data, slot.node == 0 ? "P12: a free slot refreshed" : "")) {
            slot.operator = _nodes[slot.node].operator;
        }
    }

    function _vacate(uint64 t, Kind kind, uint16 index) private {
        SlotModel storage slot = _tasks[t].slots[kind][index];
        TermModel storage term = _terms[slot.term];
        (term.ended, term.to) = (true, _lastFinal(_tasks[t]));
        term.kept = term.paidThrough != term.to;
        --_nodes[slot.node].held;
        delete _tasks[t].slots[kind][index];
    }

    // Rules

    function _isBound(uint64 t, Kind kind, uint16 index) internal view returns (bool) {
        RoundModel storage r = _latest(t);
        if (_isOver(r)) return false;
        return kind == Kind.Update ? r.updates[index].node != 0 : _has(r.commits | r.attests, index);
    }

    function _isSeated(uint64 t, uint32 node) internal view returns (bool) {
        for (uint16 s = 0; s < _tasks[t].config.seats; ++s) {
            if (_tasks[t].slots[Kind.Verdict][s].node == node) return true;
        }
        return false;
    }

    /// @dev In all of the last `missLimit` final rounds since it came the holder let its phase pass.
    function _missed(uint64 t, Kind kind, uint16 index) private view returns (bool) {
        TaskModel storage task = _tasks[t];
        uint256 limit = task.config.missLimit;
        if (limit == 0 || task.finals.length < limit) return false;
        uint32 oldest = task.finals[task.finals.length - limit];
        if (oldest <= task.slots[kind][index].since) return false;
        for (uint32 id = oldest; id <= task.latest; ++id) {
            RoundModel storage r = task.rounds[id];
            if (kind == Kind.Update && r.updates[index].node != 0) return false;
            if (r.phase != Phase.Final) continue;
            if (kind == Kind.Update) {
                if (r.submitted == task.config.updateQuota) return false;
            } else if (_has(r.commits, index)) {
                if (_has(r.reveals, index)) return false;
            } else if (_bits(r.commits) == task.config.verdictQuota) {
                return false;
            }
        }
        return true;
    }

    // Choosing

    function _anyTask() internal returns (uint64) {
        return uint64(1 + _draw(_tasks.length - 1));
    }

    function _release(Kind kind) private {
        uint64 t = _anyTask();
        uint16 index = _held(t, kind);
        NodeModel storage n = _nodes[_tasks[t].slots[kind][index].node];
        // Mostly somebody who may not, or there would be nobody left in the slots.
        address who = _draw(4) != 0 ? _anybody() : _once(2) ? n.owner : n.operator;
        _release(who == address(0) ? _anybody() : who, t, kind, index);
    }

    function _freeSome(Kind kind) private {
        uint64 t = _anyTask();
        uint16 index = _held(t, kind);
        for (uint256 i = 0; i < 6 && _isGood(t, kind, index); ++i) (t, index) = (_anyTask(), _held(t, kind));
        _freeSlot(_anybody(), t, kind, index);
    }

    function _isGood(uint64 t, Kind kind, uint16 index) private view returns (bool) {
        uint32 node = _tasks[t].slots[kind][index].node;
        return node == 0 || (_isActive(node, kind, _tasks[t].config.minStake) && !_missed(t, kind, index));
    }

    function _any(uint64 t, Kind kind) private returns (uint16) {
        return kind == Kind.Update ? _anyShard(t) : _anySeat(t);
    }

    function _held(uint64 t, Kind kind) internal returns (uint16 index) {
        index = _any(t, kind);
        for (uint256 i = 0; i < 6 && _tasks[t].slots[kind][index].node == 0; ++i) index = _any(t, kind);
    }

    function _free(uint64 t, Kind kind) private returns (uint16 index) {
        index = _any(t, kind);
        for (uint256 i = 0; i < 6 && _tasks[t].slots[kind][index].node != 0; ++i) index = _any(t, kind);
    }
}
