// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IHive} from "../../contracts/interfaces/IHive.sol";
import {IHiveEvents} from "../../contracts/interfaces/IHiveEvents.sol";
import {IHiveTypes} from "../../contracts/interfaces/IHiveTypes.sol";
import {INodeRegistry} from "../../contracts/interfaces/INodeRegistry.sol";
import {Vm} from "./Vm.sol";

/// @title Ledger
/// @notice P14: the state as the logs alone tell it. It neither looks at a call nor asks a contract until it is compared.
contract Ledger is IHiveTypes {
    struct RoundLedger {
        bytes32 seed;
        bytes32 base;
        bytes32 model;
        uint16 submitted;
        uint16 accepted;
        uint24 committed;
        uint24 revealed;
        uint24 attested;
        uint24 paid;
        uint24 worth;
        uint88 rate;
        uint88 share;
        bool isOver;
        G1 sum;
        mapping(uint16 shard => bytes32) updates;
        mapping(uint8 seat => bytes32) verdicts;
        mapping(uint16 shard => uint8) medians;
        mapping(bytes32 model => uint24) attestations;
    }

    struct TaskLedger {
        address sponsor;
        bytes32 spec;
        TaskConfig config;
        uint256 escrow;
        uint32 latest;
        uint32 lastFinal;
        uint32 finals;
        mapping(uint32 round => RoundLedger) rounds;
        mapping(Kind => mapping(uint16 index => Holder)) slots;
        mapping(Kind => mapping(uint16 index => mapping(uint32 through => Term))) terms;
    }

    mapping(uint64 task => TaskLedger) private _tasks;
    mapping(uint32 node => INodeRegistry.Node) private _nodes;
    mapping(uint32 node => uint256) private _held;

    // Reading

    /// @notice Takes the logs of one call.
    function read(Vm.Log[] calldata logs) external {
        for (uint256 i = 0; i < logs.length; ++i) {
            bytes32 what = logs[i].topics[0];
            if (!_readNodes(what, logs[i]) && !_readMoney(what, logs[i]) && !_readSlots(what, logs[i])) {
                _readRounds(what, logs[i]);
            }
        }
    }

    /// @notice The sum of a round's accepted commitments.
    function sumOf(uint64 t, uint32 id) external view returns (G1 memory) {
        return _tasks[t].rounds[id].sum;
    }

    function _readNodes(bytes32 what, Vm.Log calldata log) private returns (bool) {
        INodeRegistry.Node storage n = _nodes[uint32(_topic(log, 1))];
        if (what == INodeRegistry.NodeRegistered.selector) {
            (n.owner, n.operator) = (address(uint160(_topic(log, 2))), address(uint160(_topic(log, 3))));
            (n.roles, n.stake) = abi.decode(log.data, (uint8, uint96));
        } else if (what == INodeRegistry.StakeAdded.selector) {
            (, n.stake) = abi.decode(log.data, (uint256, uint96));
        } else if (what == INodeRegistry.RolesSet.selector) {
            n.roles = abi.decode(log.data, (uint8));
        } else if (what == INodeRegistry.OperatorRotated.selector) {
            n.operator = address(uint160(_topic(log, 3)));
        } else if (what == INodeRegistry.ExitRequested.selector) {
            n.exitAt = abi.decode(log.data, (uint40));
        } else if (what == INodeRegistry.StakeWithdrawn.selector) {
            (n.stake, n.operator) = (0, address(0));
        } else if (what == INodeRegistry.NodeSlashed.selector) {
            (, n.stake) = abi.decode(log.data, (uint96, uint96));
        } else {
            return false;
        }
        return true;
    }

    function _readMoney(bytes32 what, Vm.Log calldata log) private returns (bool) {
        TaskLedger storage task = _tasks[uint64(_topic(log, 1))];
        if (what == IHiveEvents.TaskCreated.selector) {
            task.sponsor = address(uint160(_topic(log, 2)));
            (task.spec, task.config) = abi.decode(log.data, (bytes32, TaskConfig));
        } else if (what == IHiveEvents.TaskFunded.selector) {
            task.escrow += abi.decode(log.data, (uint256));
        } else if (what == IHiveEvents.EscrowWithdrawn.selector) {
            task.escrow -= abi.decode(log.data, (uint256));
        } else if (what == IHiveEvents.Claimed.selector) {
            (Kind kind, uint16 index, uint32 term,, uint32 through,) =
                abi.decode(log.data, (Kind, uint16, uint32, uint32, uint32, uint256));
            if (term == 0) task.slots[kind][index].paidThrough = through;
            else task.terms[kind][index][term].paidThrough = through;
        } else {
            return false;
        }
        return true;
    }

    function _readSlots(bytes32 what, Vm.Log calldata log) private returns (bool) {
        bool shard = true;
        bool begins = what == IHiveEvents.ShardTaken.selector || what == IHiveEvents.ShardRefreshed.selector;
        bool ends = what == IHiveEvents.ShardReleased.selector || what == IHiveEvents.ShardFreed.selector;
        if (!begins && !ends) {
            shard = false;
            begins = what == IHiveEvents.SeatTaken.selector || what == IHiveEvents.SeatRefreshed.selector;
            ends = what == IHiveEvents.SeatReleased.selector || what == IHiveEvents.SeatFreed.selector;
        }
        if (!begins && !ends) return false;
        TaskLedger storage task = _tasks[uint64(_topic(log, 1))];
        Kind kind = shard ? Kind.Update : Kind.Verdict;
        uint16 index = uint16(_topic(log, 2));
        Holder storage h = task.slots[kind][index];
        if (ends) {
            if (h.paidThrough != task.lastFinal) {
                task.terms[kind][index][task.lastFinal] = Term(h.node, h.paidThrough, task.lastFinal);
            }
            --_held[h.node];
            delete task.slots[kind][index];
            return true;
        }
        h.operator = abi.decode(log.data, (address));
        if (h.node != 0) return true;
        (h.node, h.since, h.paidThrough) = (uint32(_topic(log, 3)), task.latest, task.lastFinal);
        ++_held[h.node];
        return true;
    }

    function _readRounds(bytes32 what, Vm.Log calldata log) private {
        TaskLedger storage task = _tasks[uint64(_topic(log, 1))];
        uint32 id = uint32(_topic(log, 2));
        RoundLedger storage r = task.rounds[id];
        if (what == IHiveEvents.RoundOpened.selector) {
            task.latest = id;
            task.escrow -= task.config.reward;
            (r.seed, r.base,) = abi.decode(log.data, (bytes32, bytes32, uint40));
        } else if (what == IHiveEvents.UpdateSubmitted.selector) {
            (uint16 shard, bytes32 digest, G1 memory point) = abi.decode(log.data, (uint16, bytes32, G1));
            bytes32 hash = keccak256(abi.encode(shard, uint32(_topic(log, 3)), digest, point));
            r.updates[shard] = bytes32((uint256(hash) >> 32 << 32) | id);
            ++r.submitted;
        } else if (what == IHiveEvents.VerdictCommitted.selector) {
            (uint8 seat, bytes32 hash) = abi.decode(log.data, (uint8, bytes32));
            r.committed |= uint24(1 << seat);
            r.verdicts[seat] = hash;
        } else if (what == IHiveEvents.VerdictRevealed.selector) {
            (uint8 seat, bytes memory scores,) = abi.decode(log.data, (uint8, bytes, bytes32));
            r.revealed |= uint24(1 << seat);
            r.verdicts[seat] = keccak256(abi.encode(uint32(_topic(log, 3)), keccak256(scores)));
        } else if (what == IHiveEvents.UpdatesTallied.selector) {
            (uint16 first, bytes memory medians) = abi.decode(log.data, (uint16, bytes));
            for (uint16 i = 0; i < medians.length; ++i) r.medians[first + i] = uint8(medians[i]);
        } else if (what == IHiveEvents.ModelAttested.selector) {
            (uint8 seat, bytes32 model) = abi.decode(log.data, (uint8, bytes32));
            r.attested |= uint24(1 << seat);
            r.attestations[model] |= uint24(1 << seat);
        } else {
            _readEnds(what, log, task, r, id);
        }
    }

    function _readEnds(
        bytes32 what,
        Vm.Log calldata log,
        TaskLedger storage task,
        RoundLedger storage r,
        uint32 id
    ) private {
        if (what == IHiveEvents.RoundTallied.selector) {
            (r.accepted, r.worth, r.rate, r.share,,) =
                abi.decode(log.data, (uint16, uint24, uint88, uint88, uint24, G1));
            (,,,, r.paid, r.sum) = abi.decode(log.data, (uint16, uint24, uint88, uint88, uint24, G1));
        } else if (what == IHiveEvents.RoundFinalized.selector) {
            uint256 returned;
            (r.model, r.paid, returned) = abi.decode(log.data, (bytes32, uint24, uint256));
            task.escrow += returned;
            (r.isOver, task.lastFinal) = (true, id);
            ++task.finals;
        } else if (what == IHiveEvents.RoundCancelled.selector) {
            (, uint256 returned) = abi.decode(log.data, (Phase, uint256));
            task.escrow += returned;
            r.isOver = true;
        }
    }

    function _topic(Vm.Log calldata log, uint256 i) private pure returns (uint256) {
        return i < log.topics.length ? uint256(log.topics[i]) : 0;
    }

    // Comparing: each reverts with what differs

    /// @notice Holds a node against the registry and the hive.
    function compareNode(INodeRegistry registry, IHive hive, uint32 id) external view {
        require(_same(abi.encode(registry.node(id)), abi.encode(_nodes[id])), "P14: the logs tell another node");
        require(hive.held(id) == _held[id], "P14: the logs tell another number of slots");
    }

    /// @notice Holds a task and all its rounds against the hive.
    function compareTask(IHive hive, uint64 t, uint16[] calldata shards) external view {
        TaskLedger storage task = _tasks[t];
        TaskView memory v = hive.task(t);
        require(v.sponsor == task.sponsor && v.spec == task.spec, "P14: the logs tell another task");
        require(_same(abi.encode(v.config), abi.encode(task.config)), "P14: the logs tell another configuration");
        require(v.escrow == task.escrow, "P14: the logs tell another escrow");
        require(v.latestRound == task.latest && v.lastFinal == task.lastFinal, "P14: the logs tell other rounds");
        require(v.finals == task.finals, "P14: the logs tell another number of final rounds");
        for (uint256 i = 0; i < shards.length; ++i) _compareSlot(hive, t, Kind.Update, shards[i]);
        for (uint8 s = 0; s < task.config.seats; ++s) _compareSlot(hive, t, Kind.Verdict, s);
        for (uint32 id = 1; id <= task.latest; ++id) _compareRound(hive, t, id, shards);
    }

    function _compareSlot(IHive hive, uint64 t, Kind kind, uint16 index) private view {
        Holder memory h = kind == Kind.Update ? hive.shard(t, index) : hive.seat(t, uint8(index));
        require(_same(abi.encode(h), abi.encode(_tasks[t].slots[kind][index])), "P14: the logs tell another holder");
        for (uint32 id = 1; id <= _tasks[t].lastFinal; ++id) {
            Term memory term = hive.term(t, kind, index, id);
            bool same = _same(abi.encode(term), abi.encode(_tasks[t].terms[kind][index][id]));
            require(same, "P14: the logs tell another term");
        }
    }

    function _compareRound(IHive hive, uint64 t, uint32 id, uint16[] calldata shards) private view {
        RoundLedger storage r = _tasks[t].rounds[id];
        RoundView memory v = hive.round(t, id);
        require(v.seed == r.seed && v.base == r.base && v.model == r.model, "P14: the logs tell another lineage");
        require(v.submitted == r.submitted, "P14: the logs tell another number of updates");
        require(v.committed == r.committed && v.revealed == r.revealed, "P14: the logs tell other verdicts");
        require(v.attested == r.attested, "P14: the logs tell other attestations");
        require(v.paid == r.paid && v.rate == r.rate && v.share == r.share, "P14: the logs tell other shares");
        bool isOver = v.phase == Phase.Final || v.phase == Phase.Cancelled;
        require(isOver == r.isOver, "P14: the logs tell another end of a round");
        for (uint256 i = 0; i < shards.length; ++i) {
            require(hive.medianOf(t, id, shards[i]) == r.medians[shards[i]], "P14: the logs tell another median");
            bytes32 update = hive.updateHash(t, id, shards[i]);
            // Later rounds overwrite it.
            bool same = update == r.updates[shards[i]] || (update == 0 && id != _tasks[t].latest);
            require(same, "P14: the logs tell another update");
        }
        for (uint8 s = 0; id == _tasks[t].latest && s < _tasks[t].config.seats; ++s) {
            require(hive.verdictHash(t, id, s) == r.verdicts[s], "P14: the logs tell another verdict");
        }
        require(hive.attestations(t, id, v.model) == r.attestations[v.model], "P14: the logs tell another quorum");
    }

    function _same(bytes memory a, bytes memory b) private pure returns (bool) {
        return keccak256(a) == keccak256(b);
    }
}
