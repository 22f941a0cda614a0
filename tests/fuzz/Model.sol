// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IHiveTypes} from "../../contracts/interfaces/IHiveTypes.sol";

/// @title Model
/// @notice The protocol once more, as plainly as it can be said: no packing, nothing lazy, one record for each thing.
/// @dev It never asks the contracts. Names are those of docs/glossary.md.
abstract contract Model is IHiveTypes {
    struct NodeModel {
        address owner;
        address operator;
        uint8 roles;
        uint256 stake;
        uint256 exitAt;
        uint256 held;
    }

    /// @param term Its place in `_terms`.
    struct SlotModel {
        uint32 node;
        address operator;
        uint32 since;
        uint256 term;
    }

    /// @param from Final rounds up to this one are not of this term.
    /// @param to The last final round of the term, once it has ended.
    /// @param kept Whether it ended with rounds that were not paid.
    struct TermModel {
        uint64 task;
        Kind kind;
        uint16 index;
        uint32 node;
        uint32 from;
        uint32 to;
        uint32 paidThrough;
        bool ended;
        bool kept;
    }

    /// @param node 0: no update.
    struct UpdateModel {
        uint32 node;
        uint8 point;
        uint8 median;
        bool tallied;
        bytes32 digest;
    }

    /// @param hash 0: no commit.
    /// @param model What the seat attested; 0: nothing.
    struct VerdictModel {
        uint32 node;
        bool revealed;
        bytes32 hash;
        bytes32 content;
        bytes32 salt;
        bytes32 model;
        bytes scores;
    }

    /// @notice What a final round owes for an update or a verdict.
    struct DueModel {
        uint32 node;
        bool paid;
        uint256 amount;
    }

    /// @param reached The last phase before it stalled.
    /// @param slashed Whether the withheld verdicts were punished.
    /// @param fixed_ Hash of all that must not change once it is final.
    struct RoundModel {
        Phase phase;
        Phase reached;
        bool slashed;
        uint32 base;
        uint256 deadline;
        uint256 submitted;
        uint256 tallied;
        uint256 accepted;
        uint256 worth;
        uint256 rate;
        uint256 share;
        uint24 commits;
        uint24 reveals;
        uint24 attests;
        uint24 paid;
        bytes32 model;
        bytes32 fixed_;
        mapping(uint16 shard => UpdateModel) updates;
        mapping(uint8 seat => VerdictModel) verdicts;
        mapping(Kind => mapping(uint16 index => DueModel)) dues;
    }

    struct TaskModel {
        address sponsor;
        uint256 escrow;
        uint32 latest;
        uint32[] finals;
        TaskConfig config;
        mapping(Kind => mapping(uint16 index => SlotModel)) slots;
        mapping(uint32 round => RoundModel) rounds;
    }

    /// @dev Seconds. Kept here, as an optimizer may take the block's time for constant in a call.
    uint256 internal _now;

    /// @dev From 1.
    NodeModel[] internal _nodes;
    TaskModel[] internal _tasks;

    TermModel[] internal _terms;
    mapping(address operator => uint32 node) internal _nodeOf;

    /// @dev Of all final rounds, not claimed yet.
    uint256 internal _unclaimed;

    /// @dev Whether commitments are added.
    bool internal _adds;

    // Looking

    function _latest(uint64 t) internal view returns (RoundModel storage) {
        return _tasks[t].rounds[_tasks[t].latest];
    }

    function _lastFinal(TaskModel storage task) internal view returns (uint32) {
        return task.finals.length == 0 ? 0 : task.finals[task.finals.length - 1];
    }

    function _isOver(RoundModel storage r) internal view returns (bool) {
        return r.phase == Phase.Final || r.phase == Phase.Cancelled;
    }

    /// @dev Shards that are played: all of a small task, of a large one those around the bounds of blocks of 32.
    function _shards(uint64 t) internal view returns (uint16[] memory shards) {
        uint256 n = _tasks[t].config.shards;
        shards = new uint16[](n < 6 ? n : 6);
        for (uint16 i = 0; i < shards.length; ++i) shards[i] = i;
        if (n == 70) (shards[1], shards[2], shards[3], shards[4], shards[5]) = (31, 32, 33, 63, 69);
    }

    function _bits(uint24 set) internal pure returns (uint256 n) {
        for (uint256 i = 0; i < 24; ++i) if (_has(set, i)) ++n;
    }

    function _has(uint24 set, uint256 i) internal pure returns (bool) {
        return (uint256(set) / 2 ** i) % 2 == 1;
    }

    function _isActive(uint32 node, Kind kind, uint256 minStake) internal view returns (bool) {
        if (node == 0 || node >= _nodes.length) return false;
        NodeModel storage n = _nodes[node];
        uint8 role = kind == Kind.Update ? 1 : 2;
        return n.exitAt == 0 && (n.roles / role) % 2 == 1 && n.stake >= minStake;
    }

    // The clock

    /// @dev Lets every round end the phases whose deadlines have come.
    function _pass() internal {
        for (uint64 t = 1; t < _tasks.length; ++t) {
            RoundModel storage r = _latest(t);
            while (r.deadline != 0 && _now >= r.deadline) _end(_tasks[t].config, r);
        }
    }

    function _end(TaskConfig storage c, RoundModel storage r) private {
        if (r.phase == Phase.Train && r.submitted >= c.minUpdates) {
            _begin(r, Phase.Judge, r.deadline + c.judgeSeconds);
        } else if (r.phase == Phase.Judge && _bits(r.commits) >= c.quorum) {
            _begin(r, Phase.Reveal, r.deadline + c.revealSeconds);
        } else if (r.phase == Phase.Reveal && _bits(r.reveals) >= c.quorum) {
            _begin(r, Phase.Tally, r.deadline + c.tallySeconds);
        } else {
            r.reached = r.phase;
            _begin(r, Phase.Stalled, 0);
        }
    }

    function _begin(RoundModel storage r, Phase phase, uint256 deadline) internal {
        (r.phase, r.deadline) = (phase, deadline);
    }

    // The jury

    /// @dev Lower median of what the revealed seats of other nodes give the shard.
    function _median(RoundModel storage r, uint16 shard) internal view returns (uint8) {
        uint8[24] memory sorted;
        uint256 n = 0;
        for (uint8 s = 0; s < 24; ++s) {
            VerdictModel storage v = r.verdicts[s];
            if (!v.revealed || v.node == r.updates[shard].node) continue;
            uint8 score = uint8(v.scores[shard]);
            uint256 i = n++;
            for (; i > 0 && sorted[i - 1] > score; --i) sorted[i] = sorted[i - 1];
            sorted[i] = score;
        }
        return n == 0 ? 0 : sorted[(n - 1) / 2];
    }

    /// @dev Whether the seat keeps close enough to the medians, leaving its own updates out.
    function _isPaid(uint64 t, RoundModel storage r, uint8 seat) internal view returns (bool) {
        VerdictModel storage v = r.verdicts[seat];
        uint256 strayed = 0;
        uint256 judged = 0;
        uint16[] memory shards = _shards(t);
        for (uint256 i = 0; i < shards.length; ++i) {
            UpdateModel storage u = r.updates[shards[i]];
            if (u.node == 0 || u.node == v.node) continue;
            uint256 score = uint8(v.scores[shards[i]]);
            strayed += score > u.median ? score - u.median : u.median - score;
            if ((score == 0) != (u.median == 0)) strayed += 255;
            ++judged;
        }
        return strayed <= judged * _tasks[t].config.tolerance;
    }
}
