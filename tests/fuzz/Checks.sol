// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {INodeRegistry} from "../../contracts/interfaces/INodeRegistry.sol";
import {Leading} from "./plays/Leading.sol";

/// @title Checks
/// @notice What must hold after every call, whoever made it.
abstract contract Checks is Leading {
    /// @dev The tokens of the hive and of the registry, by what the contracts themselves say of tasks, rounds and nodes.
    function _checkTokens() internal view {
        uint256 inHive = _strayInHive + _unclaimed;
        for (uint64 t = 1; t < _tasks.length; ++t) {
            inHive += hive.task(t).escrow;
            if (_tasks[t].latest != 0 && !_isOver(_latest(t))) inHive += _tasks[t].config.reward;
        }
        require(token.balanceOf(address(hive)) == inHive, "P1: the hive holds another amount than it owes");
        uint256 inRegistry = _strayInRegistry;
        for (uint32 id = 1; id < _nodes.length; ++id) inRegistry += registry.node(id).stake;
        require(token.balanceOf(address(registry)) == inRegistry, "P1: the registry holds another amount than stakes");
    }

    function _checkTask(uint64 t) internal view {
        TaskModel storage task = _tasks[t];
        TaskView memory v = hive.task(t);
        require(v.sponsor == task.sponsor && v.escrow == task.escrow, "P1: another escrow");
        require(keccak256(abi.encode(v.config)) == keccak256(abi.encode(task.config)), "P11: another configuration");
        require(v.latestRound == task.latest, "P7: another latest round");
        uint32 last = _lastFinal(task);
        require(v.lastFinal == last && v.finals == task.finals.length, "P3: other final rounds");
        require(v.head == (last == 0 ? bytes32(0) : task.rounds[last].model), "P3: another head");
        if (task.latest != 0) _checkRound(t);
    }

    function _checkRound(uint64 t) private view {
        RoundModel storage r = _latest(t);
        RoundView memory v = hive.round(t, _tasks[t].latest);
        require(v.phase == r.phase && v.deadline == r.deadline, "P7: another phase or deadline");
        require(v.baseRound == r.base && v.model == r.model, "P3: another base or model");
        require(v.submitted == r.submitted && v.tallied == r.tallied, "P10: another number of updates");
        require(v.committed == r.commits && v.revealed == r.reveals, "P10: other verdicts");
        require(v.attested == r.attests, "P10: other attestations");
        require(v.accepted == r.accepted && v.worth == r.worth, "P6: another number or worth of accepted updates");
        uint16[] memory shards = _shards(t);
        for (uint256 i = 0; i < shards.length; ++i) {
            uint8 median = hive.medianOf(t, _tasks[t].latest, shards[i]);
            require(median == r.updates[shards[i]].median, "P6: another median");
        }
    }

    function _checkSlots(uint64 t) internal view {
        uint16[] memory shards = _shards(t);
        for (uint256 i = 0; i < shards.length; ++i) {
            _checkSlot(_tasks[t].slots[Kind.Update][shards[i]], hive.shard(t, shards[i]));
        }
        for (uint8 s = 0; s < _tasks[t].config.seats; ++s) {
            SlotModel storage slot = _tasks[t].slots[Kind.Verdict][s];
            _checkSlot(slot, hive.seat(t, s));
            require(slot.node == 0 || hive.seatOf(t, slot.node) == s + 1, "P10: another seat of a node");
        }
    }

    function _checkSlot(SlotModel storage slot, Holder memory holder) private view {
        require(holder.node == slot.node && holder.operator == slot.operator, "P12: another holder");
        if (slot.node == 0) return;
        require(holder.since == slot.since, "P12: a holder since another round");
        require(holder.paidThrough == _terms[slot.term].paidThrough, "P5: paid through another round");
    }

    function _checkNode(uint32 id) internal view {
        NodeModel storage n = _nodes[id];
        INodeRegistry.Node memory v = registry.node(id);
        require(v.owner == n.owner && v.operator == n.operator && v.roles == n.roles, "P11: another owner, key or role");
        require(v.stake == n.stake, "P9: another stake");
        require(v.exitAt == n.exitAt, "P12: another exit");
        require(hive.held(id) == n.held, "P12: another number of slots held");
        require(n.operator == address(0) || registry.nodeOf(n.operator) == id, "P11: an operator of another node");
    }

    /// @dev What is final stays as it was.
    function _checkFinal(uint64 t, uint32 id) internal view {
        if (_tasks[t].rounds[id].phase != Phase.Final) return;
        require(_fixed(t, id) == _tasks[t].rounds[id].fixed_, "P3: a final round changed");
        uint256 quorums = 0;
        for (uint256 i = 0; i < 2; ++i) {
            if (_bits(hive.attestations(t, id, _model(t, id, i))) >= _tasks[t].config.quorum) ++quorums;
        }
        require(quorums == 1, "P10: not just one model has a quorum");
    }
}
