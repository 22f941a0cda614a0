// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IHive} from "../../../contracts/interfaces/IHive.sol";
import {INodeRegistry} from "../../../contracts/interfaces/INodeRegistry.sol";
import {Points} from "../Points.sol";
import {Judging} from "./Judging.sol";

/// @title Counting
/// @notice The tally, whole and in slices, with right and with wrong rows.
abstract contract Counting is Judging {
    // Moves

    function tally(uint256 seed) external {
        _enter(seed);
        uint64 t = _taskIn(Phase.Tally);
        uint32 id = _roundOf(t);
        Update[] memory rows = _uncounted(t, id);
        if (rows.length != 0 && _once(2)) rows = _cut(rows, _once(16) ? 0 : 1 + _draw(rows.length));
        bytes[] memory scores = _revealed(t, id);
        _spoil(t, id, rows, scores);
        _tally(_anybody(), t, id, _once(4) ? _again(t, id, rows) : rows, scores);
    }

    // What it comes down to

    function _tally(address who, uint64 t, uint32 id, Update[] memory rows, bytes[] memory scores) internal {
        bytes memory data = abi.encodeCall(IHive.tally, (t, id, rows, scores));
        if (!_toHive(who, data, _refusesTally(t, id, rows, scores))) return;
        RoundModel storage r = _tasks[t].rounds[id];
        for (uint256 i = 0; i < rows.length; ++i) {
            UpdateModel storage u = r.updates[rows[i].shard];
            if (!u.tallied) _judge(r, u, rows[i].shard);
        }
        if (!r.slashed) _slash(t, r);
        if (r.tallied == r.submitted) _settle(t, id);
    }

    /// @dev INVARIANT: accepted if and only if the median is above 0 and, where the chain adds, the commitment is a point.
    function _judge(RoundModel storage r, UpdateModel storage u, uint16 shard) private {
        u.tallied = true;
        u.median = _adds && u.point >= Points.GOOD ? 0 : _median(r, shard);
        r.worth += u.median;
        if (u.median != 0) ++r.accepted;
        ++r.tallied;
    }

    /// @dev Each seat that committed and did not reveal loses the slash or what it has.
    function _slash(uint64 t, RoundModel storage r) internal {
        r.slashed = true;
        for (uint8 s = 0; s < 24; ++s) {
            if (!_has(r.commits, s) || _has(r.reveals, s)) continue;
            NodeModel storage n = _nodes[r.verdicts[s].node];
            uint256 amount = _tasks[t].config.slashAmount;
            if (amount > n.stake) amount = n.stake;
            n.stake -= amount;
            _burned += amount;
            _count(INodeRegistry.slash.selector, true);
            _expect(registry.node(r.verdicts[s].node).stake == n.stake, "P9: another stake is left after a slash");
        }
        _expect(token.totalSupply() == SUPPLY - _burned, "P9: another amount was burned than slashed");
    }

    function _settle(uint64 t, uint32 id) private {
        TaskConfig storage c = _tasks[t].config;
        RoundModel storage r = _tasks[t].rounds[id];
        for (uint8 s = 0; s < 24; ++s) {
            if (_has(r.reveals, s) && _isPaid(t, r, s)) r.paid |= uint24(2 ** s);
        }
        uint256 trainers = uint256(c.reward) * c.trainerBps / 10_000;
        if (r.worth != 0) r.rate = trainers / r.worth;
        if (r.paid != 0) r.share = (c.reward - trainers) / _bits(r.paid);
        _compareSum(t, id);
        RoundView memory v = hive.round(t, id);
        _expect(v.paid == r.paid, "P6: other seats are paid");
        _expect(v.rate == r.rate && v.share == r.share && v.worth == r.worth, "P4: other shares");
        if (r.accepted >= c.minUpdates) {
            _begin(r, Phase.Attest, _now + c.attestSeconds);
        } else {
            r.reached = Phase.Tally;
            _begin(r, Phase.Stalled, 0);
        }
    }

    /// @dev P6: the sum in the event is that of the accepted commitments, however the tally was sliced.
    function _compareSum(uint64 t, uint32 id) private {
        RoundModel storage r = _tasks[t].rounds[id];
        uint16[] memory shards = _shards(t);
        int256 multiple = int256(uint256(Points.INFINITY));
        for (uint256 i = 0; _adds && i < shards.length; ++i) {
            UpdateModel storage u = r.updates[shards[i]];
            if (u.median != 0) multiple += int256(uint256(u.point)) - int256(uint256(Points.INFINITY));
        }
        G1 memory wanted = Points.at(uint8(uint256(multiple)));
        bool same = keccak256(abi.encode(ledger.sumOf(t, id))) == keccak256(abi.encode(wanted));
        _expect(same, "P6: the sum is another than that of the accepted commitments");
    }

    // Refusals

    /// @dev Rows must be the next updates, all of them in their order; those in front that were counted do not matter.
    function _refusesTally(uint64 t, uint32 id, Update[] memory rows, bytes[] memory scores)
        private
        view
        returns (string memory)
    {
        RoundModel storage r = _tasks[t].rounds[id];
        if (r.phase != Phase.Tally) return "P7: a tally outside of its phase";
        bytes[] memory wanted = _revealed(t, id);
        if (keccak256(abi.encode(wanted)) != keccak256(abi.encode(scores))) return "P6: other scores than revealed";
        Update[] memory left = _uncounted(t, id);
        Update[] memory counted = _rows(t, id, true);
        uint256 next = counted.length == 0 ? 0 : counted[counted.length - 1].shard + 1;
        uint256 skipped = 0;
        while (skipped < rows.length && rows[skipped].shard < next) ++skipped;
        uint256 n = rows.length - skipped;
        if (n == 0) return "P6: a slice of nothing";
        if (n > left.length) return "P6: more updates than submitted";
        for (uint256 i = 0; i < n; ++i) {
            if (keccak256(abi.encode(rows[skipped + i])) != keccak256(abi.encode(left[i]))) {
                return "P6: an update left out, doubled, forged or out of order";
            }
        }
        return "";
    }

    // Rows

    /// @dev What is still to be counted, by ascending shard.
    function _uncounted(uint64 t, uint32 id) internal view returns (Update[] memory rows) {
        return _rows(t, id, false);
    }

    function _rows(uint64 t, uint32 id, bool counted) private view returns (Update[] memory rows) {
        uint16[] memory shards = _shards(t);
        RoundModel storage r = _tasks[t].rounds[id];
        rows = new Update[](shards.length);
        uint256 n = 0;
        for (uint256 i = 0; i < shards.length; ++i) {
            UpdateModel storage u = r.updates[shards[i]];
            if (u.node == 0 || u.tallied != counted) continue;
            rows[n++] = Update(shards[i], u.node, u.digest, Points.at(u.point));
        }
        return _cut(rows, n);
    }

    /// @dev Updates that were counted in front of the others, as if two keepers sent at once.
    function _again(uint64 t, uint32 id, Update[] memory rows) private returns (Update[] memory all) {
        Update[] memory counted = _rows(t, id, true);
        uint256 n = _draw(counted.length + 1);
        all = new Update[](n + rows.length);
        for (uint256 i = 0; i < n; ++i) all[i] = counted[counted.length - n + i];
        for (uint256 i = 0; i < rows.length; ++i) all[n + i] = rows[i];
    }

    function _cut(Update[] memory rows, uint256 n) internal pure returns (Update[] memory cut) {
        cut = new Update[](n);
        for (uint256 i = 0; i < n; ++i) cut[i] = rows[i];
    }

    /// @dev The revealed scores, by ascending seat.
    function _revealed(uint64 t, uint32 id) internal view returns (bytes[] memory scores) {
        RoundModel storage r = _tasks[t].rounds[id];
        scores = new bytes[](_bits(r.reveals));
        uint256 n = 0;
        for (uint8 s = 0; s < 24; ++s) if (r.verdicts[s].revealed) scores[n++] = r.verdicts[s].scores;
    }

    function _spoil(uint64 t, uint32 id, Update[] memory rows, bytes[] memory scores) private {
        uint256 flaw = _draw(48);
        if (flaw < 6 && rows.length != 0) {
            uint256 i = _draw(rows.length);
            if (flaw == 0) rows[i].digest ^= bytes32(uint256(1) << 200);
            else if (flaw == 1) rows[i].node = uint32(1 + _draw(8));
            else if (flaw == 2) rows[i].shard += 1;
            else if (flaw == 3) rows[i].commitment = Points.at(_anyPoint());
            else if (flaw == 4) rows[i] = rows[_draw(rows.length)];
            else (rows[i], rows[0]) = (rows[0], rows[i]);
        } else if (flaw == 6 && rows.length > 1) {
            // The first one left out.
            for (uint256 i = 1; i < rows.length; ++i) rows[i - 1] = rows[i];
            Update[] memory left = _uncounted(t, id);
            if (left.length > rows.length) rows[rows.length - 1] = left[rows.length];
        } else if (flaw < 9 && scores.length != 0) {
            uint256 i = _draw(scores.length);
            if (flaw == 7 && scores[i].length != 0) scores[i] = abi.encodePacked(scores[i], uint8(1));
            else if (scores[i].length != 0) scores[i] = bytes.concat(bytes1(~scores[i][0]), _tail(scores[i]));
        }
    }

    function _tail(bytes memory all) private pure returns (bytes memory tail) {
        tail = new bytes(all.length - 1);
        for (uint256 i = 0; i < tail.length; ++i) tail[i] = all[i + 1];
    }
}
