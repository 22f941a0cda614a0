// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IHive} from "../../../contracts/interfaces/IHive.sol";
import {Ending} from "./Ending.sol";

/// @title Claiming
/// @notice Claims of present and of ended terms, whole and in parts, by anybody.
abstract contract Claiming is Ending {
    // Moves

    function claim(uint256 seed) external {
        _enter(seed);
        TermModel storage first = _terms[_owed()];
        uint32 node = _once(16) ? uint32(_draw(_nodes.length + 1)) : first.node;
        Claim[] memory claims = new Claim[](_once(16) ? 0 : 1 + _draw(3));
        for (uint256 i = 0; i < claims.length; ++i) {
            uint256 term = _owed();
            for (uint256 j = 0; j < 4 && _terms[term].node != node; ++j) term = _owed();
            claims[i] = _anyClaim(i == 0 || _terms[term].node != node ? first : _terms[term]);
        }
        _claim(_anybody(), node, claims);
    }

    // What it comes down to

    function _claim(address who, uint32 node, Claim[] memory claims) internal {
        address owner = node != 0 && node < _nodes.length ? _nodes[node].owner : address(0);
        uint256 before = owner == address(0) ? 0 : token.balanceOf(owner);
        uint256 inHive = token.balanceOf(address(hive));
        (string memory refusal, uint256 total) = _foretell(node, claims);
        if (!_toHive(who, abi.encodeCall(IHive.claim, (node, claims)), refusal)) return;
        uint256 paid = 0;
        for (uint256 i = 0; i < claims.length; ++i) paid += _settle(node, claims[i]);
        _unclaimed -= paid;
        _expect(paid == total, "P5: paid twice in one claim");
        _expect(token.balanceOf(owner) - before == paid, "P5: another amount came to the owner");
        _expect(inHive - token.balanceOf(address(hive)) == paid, "P5: another amount left the hive");
    }

    /// @dev What is paid for each item, each round once. The terms of the model remember how far they were paid.
    function _foretell(uint32 node, Claim[] memory claims) private view returns (string memory refusal, uint256 total) {
        uint32[] memory paidThrough = new uint32[](claims.length);
        for (uint256 i = 0; i < claims.length; ++i) {
            (bool found, TermModel storage term) = _termOf(claims[i]);
            if (!found || term.node != node || node == 0) return ("P5: a claim for another's term", 0);
            uint32 from = term.paidThrough;
            for (uint256 j = 0; j < i; ++j) {
                if (_isSame(claims[i], claims[j]) && paidThrough[j] > from) from = paidThrough[j];
            }
            uint32 through = _through(claims[i], term);
            if (term.ended && through > term.to) return ("P5: a claim beyond its term", 0);
            paidThrough[i] = through > from ? through : from;
            if (through <= from) continue;
            if (_tasks[claims[i].task].rounds[through].phase != Phase.Final) return ("P5: a claim up to no final round", 0);
            total += _sum(claims[i], from, through);
        }
        if (total == 0) refusal = "P5: a claim of nothing";
    }

    function _sum(Claim memory c, uint32 from, uint32 through) private view returns (uint256 total) {
        for (uint32 id = from + 1; id <= through; ++id) total += _tasks[c.task].rounds[id].dues[c.kind][c.index].amount;
    }

    /// @dev Marks what was paid: nothing twice, nothing of another node's.
    function _settle(uint32 node, Claim memory c) private returns (uint256 total) {
        (, TermModel storage term) = _termOf(c);
        uint32 through = _through(c, term);
        for (uint32 id = term.paidThrough + 1; id <= through; ++id) {
            DueModel storage due = _tasks[c.task].rounds[id].dues[c.kind][c.index];
            if (due.amount == 0) continue;
            _expect(!due.paid, "P5: paid twice");
            _expect(due.node == node, "P5: paid for another's work");
            due.paid = true;
            total += due.amount;
        }
        if (through > term.paidThrough) term.paidThrough = through;
    }

    // Terms

    function _termOf(Claim memory c) private view returns (bool found, TermModel storage term) {
        term = _terms[0];
        if (c.task == 0 || c.task >= _tasks.length) return (false, term);
        if (c.term == 0) {
            SlotModel storage slot = _tasks[c.task].slots[c.kind][c.index];
            return (slot.node != 0, _terms[slot.term]);
        }
        for (uint256 i = 0; i < _terms.length; ++i) {
            term = _terms[i];
            bool isIt = term.kept && term.task == c.task && term.kind == c.kind && term.index == c.index;
            if (isIt && term.to == c.term) return (true, term);
        }
        return (false, term);
    }

    function _through(Claim memory c, TermModel storage term) private view returns (uint32) {
        if (c.through != 0) return c.through;
        return term.ended ? term.to : _lastFinal(_tasks[term.task]);
    }

    function _isSame(Claim memory a, Claim memory b) private pure returns (bool) {
        return a.task == b.task && a.kind == b.kind && a.index == b.index && a.term == b.term;
    }

    // Choosing

    /// @dev A term that is owed something, if it is easily found.
    function _owed() private returns (uint256 place) {
        for (uint256 i = 0; i < 16; ++i) {
            place = _draw(_terms.length);
            if (_isOwed(_terms[place])) break;
        }
    }

    function _isOwed(TermModel storage term) internal view returns (bool) {
        uint32 to = term.ended ? term.to : _lastFinal(_tasks[term.task]);
        for (uint32 id = term.from + 1; id <= to; ++id) {
            DueModel storage due = _tasks[term.task].rounds[id].dues[term.kind][term.index];
            if (due.amount != 0 && !due.paid && due.node == term.node) return true;
        }
        return false;
    }

    function _anyClaim(TermModel storage term) private returns (Claim memory c) {
        (c.task, c.kind, c.index) = (term.task, term.kind, term.index);
        c.term = term.ended ? term.to : 0;
        if (_once(4)) c.through = uint32(_draw(_tasks[term.task].latest + 2));
        if (_once(16)) c.term = uint32(_draw(_tasks[term.task].latest + 2));
        if (_once(32)) c.kind = c.kind == Kind.Update ? Kind.Verdict : Kind.Update;
    }
}
