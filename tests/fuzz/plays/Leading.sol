// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Claiming} from "./Claiming.sol";

/// @title Leading
/// @notice The step that brings a task on. Calls at random alone would seldom bring a round to its end.
abstract contract Leading is Claiming {
    // Moves

    function lead(uint256 seed) external {
        _enter(seed);
        _lead(_anyTask());
    }

    // What it comes down to

    function _lead(uint64 t) internal {
        RoundModel storage r = _latest(t);
        if (_tasks[t].latest == 0 || _isOver(r)) _leadOn(t);
        else if (r.phase == Phase.Train) _leadTraining(t, r);
        else if (r.phase == Phase.Judge) _leadJudging(t, r);
        else if (r.phase == Phase.Reveal) _leadRevealing(t, r);
        else if (r.phase == Phase.Tally) _leadTally(t);
        else if (r.phase == Phase.Attest) _leadAttesting(t, r);
        else _cancelRound(_anybody(), t, _tasks[t].latest);
    }

    // By phase

    /// @dev Fills a free slot, or the escrow, or opens a round.
    function _leadOn(uint64 t) private {
        TaskModel storage task = _tasks[t];
        for (uint256 i = 0; i < 4; ++i) if (_staff(t, Kind(_draw(2)))) return;
        if (task.escrow < task.config.reward) _fund(task.sponsor, t, uint128(2 * uint256(task.config.reward)));
        else _openRound(_anybody(), t);
    }

    function _leadTraining(uint64 t, RoundModel storage r) private {
        uint16[] memory shards = _shards(t);
        uint256 at = _draw(shards.length);
        for (uint256 i = 0; i < shards.length; ++i) {
            uint16 shard = shards[(at + i) % shards.length];
            address operator = _tasks[t].slots[Kind.Update][shard].operator;
            if (operator == address(0) || r.updates[shard].node != 0) continue;
            return _submitUpdate(operator, t, _tasks[t].latest, shard, _digest(), _anyPoint());
        }
        if (!_staff(t, Kind.Update)) _reach(r.deadline);
    }

    function _leadJudging(uint64 t, RoundModel storage r) private {
        for (uint8 s = 0; s < _tasks[t].config.seats; ++s) {
            SlotModel storage slot = _tasks[t].slots[Kind.Verdict][s];
            if (slot.node == 0 || _has(r.commits, s)) continue;
            return _commitVerdict(slot.operator, t, _tasks[t].latest, s, _anyVerdict(t, slot.node));
        }
        if (!_staff(t, Kind.Verdict)) _reach(r.deadline);
    }

    function _leadRevealing(uint64 t, RoundModel storage r) private {
        for (uint8 s = 0; s < _tasks[t].config.seats; ++s) {
            SlotModel storage slot = _tasks[t].slots[Kind.Verdict][s];
            VerdictModel memory v = r.verdicts[s];
            // A copied verdict and one that is none cannot be shown.
            if (!_has(r.commits, s) || v.revealed || v.hash != _hashOf(t, _tasks[t].latest, slot.node, v)) continue;
            return _revealVerdict(slot.operator, t, _tasks[t].latest, s, v);
        }
        _reach(r.deadline);
    }

    function _leadTally(uint64 t) private {
        uint32 id = _tasks[t].latest;
        _tally(_anybody(), t, id, _uncounted(t, id), _revealed(t, id));
    }

    function _leadAttesting(uint64 t, RoundModel storage r) private {
        uint32 id = _tasks[t].latest;
        for (uint8 s = 0; s < _tasks[t].config.seats; ++s) {
            SlotModel storage slot = _tasks[t].slots[Kind.Verdict][s];
            if (slot.node == 0 || _has(r.attests, s)) continue;
            return _attestModel(slot.operator, t, id, s, _model(t, id, _once(8) ? 1 : 0));
        }
        if (!_staff(t, Kind.Verdict)) _reach(r.deadline);
    }

    /// @dev A node takes a free slot, if there are both.
    function _staff(uint64 t, Kind kind) private returns (bool) {
        uint16[] memory shards = _shards(t);
        uint256 n = kind == Kind.Update ? shards.length : _tasks[t].config.seats;
        uint256 at = _draw(n);
        for (uint256 i = 0; i < n; ++i) {
            uint16 index = uint16((at + i) % n);
            if (kind == Kind.Update) index = shards[index];
            if (_tasks[t].slots[kind][index].node != 0) continue;
            uint256 first = _draw(_nodes.length);
            for (uint256 j = 0; j < _nodes.length; ++j) {
                uint32 node = uint32((first + j) % _nodes.length);
                if (!_isActive(node, kind, _tasks[t].config.minStake)) continue;
                if (kind == Kind.Verdict && _isSeated(t, node)) continue;
                _take(_nodes[node].operator, t, kind, index);
                return true;
            }
        }
        return false;
    }
}
