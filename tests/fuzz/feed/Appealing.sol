// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAlertFeed} from "../../../contracts/interfaces/IAlertFeed.sol";
import {IAlertFeedTypes} from "../../../contracts/interfaces/IAlertFeedTypes.sol";
import {Watching} from "./Watching.sol";

/// @title Appealing
/// @notice Flags that are appealed against, votes, and what they decide.
abstract contract Appealing is Watching {
    // Moves

    function appeal(uint256 seed) external {
        _enter(seed);
        address subject = _anySubject();
        for (uint256 i = 0; i < 4 && (!_risk(subject).flagged || _openOn(subject) != 0); ++i) subject = _anySubject();
        _appeal(_anybody(), subject, _once(24) ? bytes32(0) : _digest());
    }

    function commitVote(uint256 seed) external {
        _enter(seed);
        uint256 number = _caseSince(0, _rules.voteSeconds);
        uint8 seat = _anySeat(TASK);
        if (number != 0 && number < _cases.length && !_once(4) && _eligible(number) < 24) seat = _eligible(number);
        // So that most appeals are decided: for one side or, in turn, for the other.
        bool uphold = _once(8) == (number % 2 == 0);
        address operator = _tasks[TASK].slots[Kind.Verdict][seat].operator;
        _commitVote(_mostly(operator), number, seat, uphold, _once(32) ? bytes32(0) : _digest());
    }

    function revealVote(uint256 seed) external {
        _enter(seed);
        uint256 number = _caseSince(_rules.voteSeconds, _rules.voteSeconds + _rules.revealSeconds);
        uint8 seat = _hidden(number);
        VoteModel memory v;
        if (number < _cases.length) v = _cases[number].votes[seat];
        uint256 flaw = _draw(24);
        if (flaw == 0) v.uphold = !v.uphold;
        else if (flaw == 1) v.salt ^= bytes32(uint256(1));
        else if (flaw == 2) ++v.node;
        _revealVote(number, seat, v);
    }

    function decide(uint256 seed) external {
        _enter(seed);
        _decide(_caseSince(_rules.voteSeconds + _rules.revealSeconds, type(uint256).max));
    }

    // What they come down to

    function _appeal(address who, address subject, bytes32 evidence) internal {
        string memory refusal = "";
        if (evidence == 0) refusal = "P20: an appeal without evidence";
        else if (_openOn(subject) != 0) refusal = "P20: two appeals at once";
        else if (_now < _safeUntil[subject]) refusal = "P17: no time to settle between two appeals";
        else if (!_risk(subject).flagged) refusal = "P20: an appeal against no flag";
        else if (token.balanceOf(who) < _rules.bond) refusal = "P16: a bond from nowhere";
        (bool ok, bytes memory answer) = _toFeed(who, abi.encodeCall(IAlertFeed.appeal, (subject, evidence)), refusal);
        if (!ok) return;
        _expect(abi.decode(answer, (uint32)) == _cases.length, "P20: another number of an appeal");
        uint256 votes = uint256(_rules.voteReward) * _tasks[TASK].config.seats;
        CaseModel storage c = _cases.push();
        (c.subject, c.who, c.opened, c.round) = (subject, who, _now, _lastFinal(_tasks[TASK]));
        if (votes > _escrowed) return;
        c.reward = _rules.voteReward;
        (_escrowed, _locked) = (_escrowed - votes, _locked + votes);
    }

    function _commitVote(address who, uint256 number, uint8 seat, bool uphold, bytes32 salt) internal {
        SlotModel storage slot = _tasks[TASK].slots[Kind.Verdict][seat];
        bytes32 hash = salt == 0 ? bytes32(0) : _voteHash(number, seat, slot.node, uphold, salt);
        string memory refusal = "";
        if (number == 0 || number >= _cases.length) refusal = "P21: a vote about no appeal";
        else if (_now >= _votesEnd(number)) refusal = "P21: a vote after the votes' time";
        else if (hash == 0) refusal = "P18: an empty vote";
        else if (slot.node == 0 || who != slot.operator) refusal = "P21: a vote by another than the operator";
        else if (slot.since >= _cases[number].round) refusal = "P21: a seat taken for the vote";
        else if (_isParty(number, slot.node)) refusal = "P21: a judge of its own alert";
        else if (_cases[number].votes[seat].hash != 0) refusal = "P18: a seat votes twice";
        else if (_votesOf(number, slot.node) != 0) refusal = "P18: a node votes from two seats";
        (bool ok,) = _toFeed(who, abi.encodeCall(IAlertFeed.commitVote, (uint32(number), seat, hash)), refusal);
        if (ok) _cases[number].votes[seat] = VoteModel(slot.node, uphold, false, hash, salt);
    }

    function _revealVote(uint256 number, uint8 seat, VoteModel memory v) internal {
        string memory refusal = "";
        if (number == 0 || number >= _cases.length) refusal = "P21: a vote shown about no appeal";
        else if (_now < _votesEnd(number)) refusal = "P21: a vote shown while others vote";
        else if (_now >= _votesEnd(number) + _rules.revealSeconds) refusal = "P21: a vote shown too late";
        else if (_cases[number].votes[seat].shown) refusal = "P18: a vote shown twice";
        else if (_cases[number].votes[seat].hash != _voteHash(number, seat, v.node, v.uphold, v.salt)) {
            refusal = "P21: a vote shown that was not committed";
        }
        bytes memory data = abi.encodeCall(IAlertFeed.revealVote, (uint32(number), seat, v.node, v.uphold, v.salt));
        (bool ok,) = _toFeed(_anybody(), data, refusal);
        if (ok) _cases[number].votes[seat].shown = true;
    }

    function _decide(uint256 number) internal {
        string memory refusal = "";
        if (number == 0 || number >= _cases.length) refusal = "P20: no appeal decided";
        else if (uint8(_cases[number].outcome) != 0) refusal = "P19: an appeal decided twice";
        else if (_now < _votesEnd(number) + _rules.revealSeconds) refusal = "P20: decided before its time";
        uint256 supply = token.totalSupply();
        (bool ok,) = _toFeed(_anybody(), abi.encodeCall(IAlertFeed.decide, (uint32(number))), refusal);
        if (!ok) return;
        CaseModel storage c = _cases[number];
        _burned += supply - token.totalSupply();
        (uint24 upholding, uint24 overturning) = (_shown(number, true), _shown(number, false));
        uint256 quorum = _tasks[TASK].config.quorum;
        c.outcome = IAlertFeedTypes.Outcome.Undecided;
        if (_bits(overturning) >= quorum) c.outcome = IAlertFeedTypes.Outcome.Overturned;
        else if (_bits(upholding) >= quorum) c.outcome = IAlertFeedTypes.Outcome.Upheld;
        _count(bytes4(uint32(c.outcome)), true);
        _payVotes(c, c.outcome);
        if (c.outcome != IAlertFeedTypes.Outcome.Upheld) _bonds[c.who] += _rules.bond;
        else _unburned += _rules.bond - (supply - token.totalSupply());
        if (c.outcome == IAlertFeedTypes.Outcome.Overturned) _overturn(c);
        else _safeUntil[c.subject] = _now + _rules.voteSeconds;
    }

    // Rules

    function _payVotes(CaseModel storage c, IAlertFeedTypes.Outcome outcome) private {
        uint256 seats = _tasks[TASK].config.seats;
        uint256 paid = 0;
        for (uint8 s = 0; s < seats && outcome != IAlertFeedTypes.Outcome.Undecided; ++s) {
            VoteModel storage v = c.votes[s];
            if (!v.shown || v.uphold != (outcome == IAlertFeedTypes.Outcome.Upheld)) continue;
            _owedTo[v.node] += c.reward;
            paid += c.reward;
        }
        _expect(paid <= _rules.bond, "P21: votes earn more than the bond");
        _locked -= c.reward * seats;
        _escrowed += c.reward * seats - paid;
    }

    function _overturn(CaseModel storage c) private {
        Said[] storage list = _said[c.subject];
        for (uint256 i = list.length; i > 0; --i) {
            Said storage one = list[i - 1];
            if (!_isUnder(one, c.opened)) continue;
            if (one.locked) _settle(c.subject, one, false);
            _barred[c.subject][one.node] = _now + _rules.longestSeconds;
            ++_records[one.node].overturned;
            _drop(c.subject, i - 1);
        }
    }

    function _voteHash(uint256 number, uint8 seat, uint32 node, bool uphold, bytes32 salt) internal view returns (bytes32) {
        return keccak256(abi.encode(feed, number, seat, node, uphold, salt));
    }

    function _votesOf(uint256 number, uint32 node) private view returns (uint256 n) {
        for (uint8 s = 0; s < 24; ++s) if (_cases[number].votes[s].hash != 0 && _cases[number].votes[s].node == node) ++n;
    }

    // Choosing

    /// @dev A seat that may vote and has not; 24 if there is none.
    function _eligible(uint256 number) internal view returns (uint8) {
        for (uint8 s = 0; s < _tasks[TASK].config.seats; ++s) {
            SlotModel storage slot = _tasks[TASK].slots[Kind.Verdict][s];
            if (slot.node == 0 || slot.since >= _cases[number].round || _cases[number].votes[s].hash != 0) continue;
            if (!_isParty(number, slot.node)) return s;
        }
        return 24;
    }

    /// @dev A seat whose vote is to be shown, if there is one.
    function _hidden(uint256 number) internal returns (uint8 seat) {
        seat = _anySeat(TASK);
        for (uint256 i = 0; i < 6 && number < _cases.length; ++i) {
            VoteModel storage v = _cases[number].votes[seat];
            if (v.hash != 0 && !v.shown) return seat;
            seat = _anySeat(TASK);
        }
    }
}
