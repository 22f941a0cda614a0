// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IHive} from "../../../contracts/interfaces/IHive.sol";
import {Points} from "../Points.sol";
import {Holding} from "./Holding.sol";

/// @title Training
/// @notice Rounds that open, and their updates: sent by their operators, or by anybody with their signatures.
abstract contract Training is Holding {
    // Moves

    function openRound(uint256 seed) external {
        _enter(seed);
        uint64 t = _anyTask();
        for (uint256 i = 1; i < _tasks.length && _tasks[t].latest != 0 && !_isOver(_latest(t)); ++i) {
            t = uint64(t % (_tasks.length - 1) + 1);
        }
        _openRound(_anybody(), _once(32) ? uint64(_draw(8)) : t);
    }

    function submitUpdate(uint256 seed) external {
        _enter(seed);
        uint64 t = _taskIn(Phase.Train);
        uint16 shard = _unsubmitted(t);
        bytes32 digest = _digest();
        _submitUpdate(_mostly(_tasks[t].slots[Kind.Update][shard].operator), t, _roundOf(t), shard, digest, _anyPoint());
    }

    // What they come down to

    function _openRound(address who, uint64 t) internal {
        string memory refusal = "";
        if (t == 0 || t >= _tasks.length) {
            refusal = "P1: a round of no task";
        } else {
            TaskConfig storage c = _tasks[t].config;
            if (_tasks[t].latest != 0 && !_isOver(_latest(t))) refusal = "P7: two rounds at once";
            else if (c.rounds != 0 && _tasks[t].finals.length >= c.rounds) refusal = "P7: more rounds than the task has";
            else if (c.reward > _tasks[t].escrow) refusal = "P1: a reward beyond the escrow";
        }
        if (!_toHive(who, abi.encodeCall(IHive.openRound, (t)), refusal)) return;
        TaskModel storage task = _tasks[t];
        task.escrow -= task.config.reward;
        RoundModel storage r = task.rounds[++task.latest];
        r.base = _lastFinal(task);
        _begin(r, Phase.Train, _now + task.config.trainSeconds);
        bytes32 seed = hive.round(t, task.latest).seed;
        bytes32 fixedSeed = keccak256(abi.encode(task.config.seed, task.latest));
        _expect(task.config.seed == 0 ? seed != 0 : seed == fixedSeed, "P14: another seed than the task's");
    }

    function _submitUpdate(address who, uint64 t, uint32 id, uint16 shard, bytes32 digest, uint8 point) internal {
        SlotModel storage slot = _tasks[t].slots[Kind.Update][shard];
        RoundModel storage r = _tasks[t].rounds[id];
        string memory refusal = "";
        if (slot.node == 0 || who != slot.operator) refusal = "P11: an update by another than the operator";
        else if (r.phase != Phase.Train) refusal = "P7: an update after its phase";
        else if (r.updates[shard].node != 0) refusal = "P10: a second update of a shard";
        bytes memory data = abi.encodeCall(IHive.submitUpdate, (t, id, shard, digest, Points.at(point)));
        if (_toHive(who, data, refusal)) _store(t, id, shard, digest, point);
    }

    /// @dev An update that counts.
    function _store(uint64 t, uint32 id, uint16 shard, bytes32 digest, uint8 point) internal {
        RoundModel storage r = _tasks[t].rounds[id];
        UpdateModel storage u = r.updates[shard];
        (u.node, u.point, u.digest) = (_tasks[t].slots[Kind.Update][shard].node, point, digest);
        if (++r.submitted == _tasks[t].config.updateQuota) {
            _begin(r, Phase.Judge, _now + _tasks[t].config.judgeSeconds);
        }
        bytes32 word = keccak256(abi.encode(shard, u.node, digest, Points.at(point)));
        word = bytes32(uint256(word) / 2 ** 32 * 2 ** 32 + id);
        _expect(hive.updateHash(t, id, shard) == word, "P14: another update than was submitted");
    }

    // Choosing

    /// @dev Mostly small multiples of G, so that their sums are known.
    function _anyPoint() internal returns (uint8) {
        if (_once(8)) return uint8(Points.GOOD + _draw(Points.ALL - Points.GOOD));
        return uint8(Points.INFINITY - 2 + _draw(5));
    }

    function _unsubmitted(uint64 t) internal returns (uint16 shard) {
        for (uint256 i = 0; i < 8; ++i) {
            shard = _held(t, Kind.Update);
            if (_latest(t).updates[shard].node == 0) break;
        }
    }
}
