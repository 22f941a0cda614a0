// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IHive} from "../../../contracts/interfaces/IHive.sol";
import {Counting} from "./Counting.sol";

/// @title Ending
/// @notice Rounds that end, final or cancelled, and the time that passes.
abstract contract Ending is Counting {
    // Moves

    function cancelRound(uint256 seed) external {
        _enter(seed);
        uint64 t = _taskIn(Phase.Stalled);
        _cancelRound(_anybody(), t, _roundOf(t));
    }

    /// @dev A few seconds; now and then to a deadline or beside it; seldom for days.
    function wait_(uint256 seed) external {
        _enter(seed);
        uint256 manner = _draw(400);
        uint256 time = _now + 1 + _draw(5);
        uint256 goal = 0;
        if (manner == 0) goal = _now + _draw(8 days);
        else if (manner < 8) goal = _nextExit();
        else if (manner < 40) goal = _latest(_anyTask()).deadline;
        if (goal > _now) time = goal + _draw(3) - 1;
        _reach(time);
    }

    /// @dev When the next stake is free; 0 if nobody is leaving.
    function _nextExit() private view returns (uint256 next) {
        for (uint256 id = 1; id < _nodes.length; ++id) {
            uint256 exitAt = _nodes[id].exitAt;
            if (exitAt > _now && (next == 0 || exitAt < next)) next = exitAt;
        }
    }

    // What they come down to

    function _cancelRound(address who, uint64 t, uint32 id) internal {
        RoundModel storage r = _tasks[t].rounds[id];
        string memory refusal = r.phase == Phase.Stalled ? "" : "P7: a round cancelled that is not stalled";
        if (!_toHive(who, abi.encodeCall(IHive.cancelRound, (t, id)), refusal)) return;
        _tasks[t].escrow += _tasks[t].config.reward;
        _expect(hive.task(t).escrow == _tasks[t].escrow, "P4: a cancelled round kept of its reward");
        _begin(r, Phase.Cancelled, 0);
        _count(bytes4(uint32(r.reached)), false);
        // Who committed could have revealed if the round came that far.
        if (r.reached >= Phase.Reveal && !r.slashed) _slash(t, r);
    }

    function _finish(uint64 t, uint32 id, bytes32 model) internal override {
        TaskModel storage task = _tasks[t];
        RoundModel storage r = task.rounds[id];
        _begin(r, Phase.Final, 0);
        _count(bytes4(uint32(Phase.Final)), true);
        r.model = model;
        task.finals.push(id);
        uint256 earned = 0;
        for (uint8 s = 0; s < 24; ++s) {
            if (!_has(r.paid, s)) continue;
            bytes32 named = r.verdicts[s].model;
            if (named != 0 && named != model) r.paid -= uint24(2 ** s);
            else earned += _owe(t, id, Kind.Verdict, s, r.verdicts[s].node, r.share);
        }
        uint16[] memory shards = _shards(t);
        for (uint256 i = 0; i < shards.length; ++i) {
            UpdateModel storage u = r.updates[shards[i]];
            earned += _owe(t, id, Kind.Update, shards[i], u.node, r.rate * u.median);
        }
        _expect(earned <= task.config.reward, "P4: more earned than the reward");
        task.escrow += task.config.reward - earned;
        _expect(hive.task(t).escrow == task.escrow, "P4: earned and returned are not the reward");
        r.fixed_ = _fixed(t, id);
    }

    function _owe(uint64 t, uint32 id, Kind kind, uint16 index, uint32 node, uint256 amount) private returns (uint256) {
        DueModel storage due = _tasks[t].rounds[id].dues[kind][index];
        (due.node, due.amount) = (node, amount);
        _unclaimed += amount;
        _expect(hive.earned(t, id, kind, index) == amount, "P4: another amount is earned");
        return amount;
    }

    /// @dev All that must not change any more.
    function _fixed(uint64 t, uint32 id) internal view returns (bytes32 hash) {
        hash = keccak256(abi.encode(hive.round(t, id)));
        uint16[] memory shards = _shards(t);
        for (uint256 i = 0; i < shards.length; ++i) {
            uint256 earned = hive.earned(t, id, Kind.Update, shards[i]);
            hash = keccak256(abi.encode(hash, hive.medianOf(t, id, shards[i]), earned));
        }
        for (uint8 s = 0; s < _tasks[t].config.seats; ++s) {
            hash = keccak256(abi.encode(hash, hive.earned(t, id, Kind.Verdict, s)));
        }
        for (uint256 i = 0; i < 2; ++i) {
            hash = keccak256(abi.encode(hash, hive.attestations(t, id, _model(t, id, i))));
        }
    }

    function _reach(uint256 time) internal {
        _now = time;
        vm.warp(time);
        _pass();
    }
}
