// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAlertFeed} from "../../../contracts/interfaces/IAlertFeed.sol";
import {IAlertFeedTypes} from "../../../contracts/interfaces/IAlertFeedTypes.sol";
import {Appealing} from "./Appealing.sol";

/// @title Settling
/// @notice What goes into a feed's escrow, what is paid out of it, and the time in which it is earned.
abstract contract Settling is Appealing {
    // Moves

    function fundFeed(uint256 seed) external {
        _enter(seed);
        _fundFeed(_anybody(), uint128(_once(12) ? 0 : _once(16) ? SUPPLY : _draw(30e18)));
    }

    function withdrawFeed(uint256 seed) external {
        _enter(seed);
        uint256 amount = _once(8) ? _escrowed + _draw(2) : _draw(_escrowed / 8 + 2);
        _withdrawFeed(_mostly(_tasks[TASK].sponsor), uint128(amount));
    }

    function donateToFeed(uint256 seed) external {
        _enter(seed);
        uint256 amount = _draw(10e18);
        vm.prank(_actor(STRANGER));
        require(token.transfer(address(feed), amount), "no gift");
        _strayInFeed += amount;
    }

    function settle(uint256 seed) external {
        _enter(seed);
        address subject = _anySubject();
        uint8 post = _anyPost();
        for (uint256 i = 0; i < SUBJECTS * POSTS; ++i) {
            if (_isKnown(_subject(i / POSTS), uint8(i % POSTS)) && _once(2)) {
                (subject, post) = (_subject(i / POSTS), uint8(i % POSTS));
                break;
            }
        }
        _settlePost(post, subject, _once(4) ? _anySubject() : subject);
    }

    function claimFeed(uint256 seed) external {
        _enter(seed);
        uint32 node = uint32(_draw(_nodes.length + 1));
        for (uint256 i = 0; i < _nodes.length && _owedTo[node] == 0 && !_once(16); ++i) node = uint32(_draw(_nodes.length));
        _claimFeed(node);
    }

    function fetchBonds(uint256 seed) external {
        _enter(seed);
        address who = _anybody();
        for (uint256 i = 0; i < ACTORS && _bonds[who] == 0; ++i) who = _anybody();
        _fetchBonds(who);
    }

    /// @dev Some seconds; often to the second that decides about something, or to the one beside it.
    function pause(uint256 seed) external {
        _enter(seed);
        address subject = _anySubject();
        uint256 open = _openOn(subject);
        Said[] storage list = _said[subject];
        uint256 manner = _draw(6);
        uint256 goal = 0;
        if (manner == 0 && list.length != 0) goal = list[_draw(list.length)].since + _rules.standSeconds;
        else if (manner == 1 && list.length != 0) goal = list[_draw(list.length)].expiry;
        else if (manner == 2 && open != 0) goal = _votesEnd(open);
        else if (manner == 3 && open != 0) goal = _votesEnd(open) + _rules.revealSeconds;
        else if (manner == 4) goal = _safeUntil[subject];
        goal += _draw(3);
        _reach(goal > _now + 1 ? goal - 1 : _now + 1 + _draw(6));
    }

    /// @dev A flag and then an appeal against it brought on by a step: calls at random alone would seldom decide one.
    function leadFeed(uint256 seed) external {
        _enter(seed);
        address subject = _subject(_draw(2));
        uint256 open = _openOn(subject);
        if (open == 0) return _leadToAppeal(subject);
        if (_now < _votesEnd(open)) {
            uint8 seat = _eligible(open);
            if (seat == 24 || _once(6)) return _reach(_votesEnd(open));
            address operator = _tasks[TASK].slots[Kind.Verdict][seat].operator;
            return _commitVote(_mostly(operator), open, seat, _once(8) == (open % 2 == 0), _digest());
        }
        if (_now < _votesEnd(open) + _rules.revealSeconds) {
            uint8 seat = _hidden(open);
            if (!_cases[open].votes[seat].shown && _cases[open].votes[seat].hash != 0) {
                return _revealVote(open, seat, _cases[open].votes[seat]);
            }
            return _reach(_votesEnd(open) + _rules.revealSeconds);
        }
        _decide(open);
    }

    // What they come down to

    function _fundFeed(address who, uint128 amount) internal {
        string memory refusal = "";
        if (amount == 0) refusal = "P16: no funds";
        else if (token.balanceOf(who) < amount) refusal = "P16: funds from nowhere";
        (bool ok,) = _toFeed(who, abi.encodeCall(IAlertFeed.fund, (amount)), refusal);
        if (ok) _escrowed += amount;
    }

    function _withdrawFeed(address who, uint128 amount) internal {
        string memory refusal = "";
        if (who != _tasks[TASK].sponsor) refusal = "P16: not the sponsor";
        else if (amount == 0) refusal = "P16: nothing withdrawn";
        else if (amount > _escrowed) refusal = "P16: more than the escrow";
        uint256 before = token.balanceOf(who);
        (bool ok,) = _toFeed(who, abi.encodeCall(IAlertFeed.withdrawEscrow, (amount)), refusal);
        if (!ok) return;
        _expect(token.balanceOf(who) - before == amount, "P16: another amount left the escrow");
        _escrowed -= amount;
    }

    /// @dev Two subjects, one after the other; settling never fails.
    function _settlePost(uint8 post, address first, address second) internal {
        address[] memory subjects = new address[](2);
        (subjects[0], subjects[1]) = (first, second);
        (bool ok,) = _toFeed(_anybody(), abi.encodeCall(IAlertFeed.settle, (post, subjects)), "");
        for (uint256 i = 0; ok && i < 2; ++i) {
            uint256 at = _at(subjects[i], post);
            if (at == _said[subjects[i]].length) continue;
            Said storage one = _said[subjects[i]][at];
            (bool known, bool stood) = _fate(subjects[i], one);
            if (known) _settle(subjects[i], one, stood);
        }
    }

    function _claimFeed(uint32 node) internal {
        uint256 due = _owedTo[node];
        address owner = node < _nodes.length ? _nodes[node].owner : address(0);
        uint256 before = token.balanceOf(owner);
        bytes memory data = abi.encodeWithSelector(IAlertFeed.claim.selector, node);
        (bool ok,) = _toFeed(_anybody(), data, due == 0 ? "P19: paid for nothing" : "");
        if (!ok) return;
        _expect(token.balanceOf(owner) - before == due, "P19: another amount was paid");
        _owedTo[node] = 0;
    }

    function _fetchBonds(address who) internal {
        uint256 due = _bonds[who];
        uint256 before = token.balanceOf(who);
        (bool ok,) = _toFeed(_anybody(), abi.encodeCall(IAlertFeed.fetchBonds, (who)), due == 0 ? "P19: no bond fetched" : "");
        if (!ok) return;
        _expect(token.balanceOf(who) - before == due, "P19: another bond was fetched");
        _bonds[who] = 0;
    }

    // Choosing

    function _isKnown(address subject, uint8 post) private view returns (bool known) {
        uint256 at = _at(subject, post);
        if (at < _said[subject].length) (known,) = _fate(subject, _said[subject][at]);
    }

    function _leadToAppeal(address subject) private {
        if (_risk(subject).flagged) {
            if (_now < _safeUntil[subject]) return _reach(_safeUntil[subject]);
            return _appeal(_anybody(), subject, _digest());
        }
        for (uint8 p = 0; p < POSTS; ++p) {
            uint32 node = _posts[p].node;
            if (node == 0) {
                for (uint32 id = uint32(_nodes.length) - 1; id != 0; --id) {
                    if (_isMonitor(id) && _postOf(id) == POSTS) return _takePost(_nodes[id].operator, p);
                }
            }
            if (node == 0 || !_isMonitor(node) || _at(subject, p) < _said[subject].length) continue;
            return _postOne(p, subject);
        }
        _postOne(uint8(_draw(POSTS)), subject);
    }

    function _postOne(uint8 post, address subject) private {
        IAlertFeedTypes.Alert[] memory alerts = new IAlertFeedTypes.Alert[](1);
        alerts[0] = _anyAlert();
        alerts[0].subject = subject;
        alerts[0].expiry = uint40(_now + 1 + _draw(300));
        _postAlerts(_mostly(_posts[post].operator), post, _lastFinal(_tasks[TASK]), alerts);
    }
}
