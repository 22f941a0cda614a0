// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAlertFeed} from "../../../contracts/interfaces/IAlertFeed.sol";
import {IAlertFeedTypes} from "../../../contracts/interfaces/IAlertFeedTypes.sol";
import {FeedWorld} from "./FeedWorld.sol";

/// @title Watching
/// @notice Who watches from which post, what they say, and what they take back.
abstract contract Watching is FeedWorld {
    // Moves

    function takePost(uint256 seed) external {
        _enter(seed);
        uint32 node = uint32(1 + _draw(_nodes.length - 1));
        for (uint256 i = 0; i < 4 && (_postOf(node) < POSTS || !_isMonitor(node)); ++i) {
            node = uint32(1 + _draw(_nodes.length - 1));
        }
        uint8 post = _anyPost();
        for (uint256 i = 0; i < 6 && _holderOf(post) != 0; ++i) post = _anyPost();
        _takePost(_mostly(_nodes[node].operator), post);
    }

    function releasePost(uint256 seed) external {
        _enter(seed);
        uint8 post = _heldPost();
        _releasePost(_mostly(_acting(_holderOf(post))), post);
    }

    function refreshPost(uint256 seed) external {
        _enter(seed);
        uint8 post = _heldPost();
        uint32 node = _holderOf(post);
        (bool ok,) =
            _toFeed(_anybody(), abi.encodeCall(IAlertFeed.refreshPost, (post)), node == 0 ? "P18: a free post refreshed" : "");
        if (ok) _posts[post].operator = _nodes[node].operator;
    }

    function freePost(uint256 seed) external {
        _enter(seed);
        uint8 post = _heldPost();
        for (uint256 i = 0; i < 6 && _isMonitor(_holderOf(post)); ++i) post = _heldPost();
        uint32 node = _holderOf(post);
        string memory refusal = "";
        if (node == 0) refusal = "P18: a free post freed";
        else if (_isMonitor(node)) refusal = "P18: a good monitor evicted";
        (bool ok,) = _toFeed(_anybody(), abi.encodeCall(IAlertFeed.freePost, (post)), refusal);
        if (ok) _vacate(post);
    }

    function postAlerts(uint256 seed) external {
        _enter(seed);
        uint8 post = _heldPost();
        IAlertFeedTypes.Alert[] memory alerts = new IAlertFeedTypes.Alert[](_once(24) ? 0 : 1 + _draw(3));
        for (uint256 i = 0; i < alerts.length; ++i) alerts[i] = _anyAlert();
        if (alerts.length != 0 && _once(24)) _spoil(alerts[_draw(alerts.length)]);
        uint32 round = _once(24) ? _tasks[TASK].latest + uint32(_draw(2)) : _lastFinal(_tasks[TASK]);
        _postAlerts(_mostly(post < POSTS ? _posts[post].operator : address(0)), post, round, alerts);
    }

    function retract(uint256 seed) external {
        _enter(seed);
        address subject = _anySubject();
        uint8 post = _anyPost();
        uint32 node = _holderOf(post);
        Said[] storage list = _said[subject];
        if (list.length != 0 && !_once(8)) {
            Said storage one = list[_draw(list.length)];
            (node, post) = (one.node, one.post);
        }
        _retract(_mostly(_acting(node)), node, post, subject);
    }

    // What they come down to

    function _takePost(address who, uint8 post) internal {
        uint32 node = _nodeOf[who];
        string memory refusal = "";
        if (post >= POSTS) refusal = "P18: no such post";
        else if (_posts[post].node != 0) refusal = "P18: a post with a holder taken";
        else if (!_isMonitor(node)) refusal = "P18: a post taken without role or stake";
        else if (_postOf(node) < POSTS) refusal = "P18: a second post of a node";
        (bool ok,) = _toFeed(who, abi.encodeCall(IAlertFeed.takePost, (post)), refusal);
        if (ok) (_posts[post].node, _posts[post].operator) = (node, who);
    }

    function _releasePost(address who, uint8 post) internal {
        uint32 node = _holderOf(post);
        string memory refusal = "";
        if (node == 0) refusal = "P18: a free post released";
        else if (who != _nodes[node].operator && who != _nodes[node].owner) refusal = "P18: released by another";
        (bool ok,) = _toFeed(who, abi.encodeCall(IAlertFeed.releasePost, (post)), refusal);
        if (ok) _vacate(post);
    }

    function _postAlerts(address who, uint8 post, uint32 round, IAlertFeedTypes.Alert[] memory alerts) internal {
        uint32 node = _holderOf(post);
        string memory refusal = "";
        if (node == 0 || who != _posts[post].operator) refusal = "P18: posted by another than the monitor";
        else if (!_isMonitor(node)) refusal = "P18: posted without role or stake";
        else if (_tasks[TASK].rounds[round].phase != Phase.Final) refusal = "P23: a model that is not final";
        else if (_isFlawed(alerts)) refusal = "P23: what no alert says";
        else if (!_anyCounts(post, node, alerts)) refusal = "P22: a batch of nothing that counts";
        (bool ok,) = _toFeed(who, abi.encodeCall(IAlertFeed.postAlerts, (post, round, alerts)), refusal);
        if (!ok) return;
        for (uint256 i = 0; i < alerts.length; ++i) _say(post, node, round, alerts[i]);
    }

    function _retract(address who, uint32 node, uint8 post, address subject) internal {
        uint256 i = _at(subject, post);
        bool there = i < _said[subject].length && _said[subject][i].node == node;
        string memory refusal = "";
        if (node == 0 || node >= _nodes.length) refusal = "P18: taken back for no node";
        else if (who != _nodes[node].operator && who != _nodes[node].owner) refusal = "P18: taken back by another";
        else if (!there) refusal = "P20: nothing taken back";
        address[] memory subjects = new address[](1);
        subjects[0] = subject;
        (bool ok,) = _toFeed(who, abi.encodeCall(IAlertFeed.retract, (node, post, subjects)), refusal);
        if (!ok) return;
        Said storage one = _said[subject][i];
        if (_isAtStake(one, _openOn(subject))) _barred[subject][node] = _now + _rules.longestSeconds;
        if (one.locked) _settle(subject, one, false);
        _drop(subject, i);
        ++_records[node].retracted;
    }

    // Rules

    function _vacate(uint8 post) private {
        for (uint256 i = 0; i < SUBJECTS; ++i) {
            Said[] storage list = _said[_subject(i)];
            for (uint256 j = 0; j < list.length; ++j) {
                if (list[j].post == post && list[j].left == 0) list[j].left = _now;
            }
        }
        delete _posts[post];
    }

    function _isFlawed(IAlertFeedTypes.Alert[] memory alerts) private view returns (bool) {
        for (uint256 i = 0; i < alerts.length; ++i) {
            IAlertFeedTypes.Alert memory a = alerts[i];
            if (a.subject == address(0) || a.probability == 0 || a.probability > 10_000) return true;
            if (a.category >= _rules.categories) return true;
        }
        return false;
    }

    /// @dev If none counts as things are, none makes another count.
    function _anyCounts(uint8 post, uint32 node, IAlertFeedTypes.Alert[] memory alerts) private view returns (bool) {
        for (uint256 i = 0; i < alerts.length; ++i) {
            if (alerts[i].expiry <= _now) continue;
            if (_renews(alerts[i].subject, post) || _mayBegin(alerts[i].subject, post, node)) return true;
        }
        return false;
    }

    /// @dev Whether the post's alert is live: of the term that lasts, and not expired.
    function _renews(address subject, uint8 post) private view returns (bool) {
        uint256 i = _at(subject, post);
        if (i == _said[subject].length) return false;
        return _said[subject][i].left == 0 && _said[subject][i].expiry > _now;
    }

    function _mayBegin(address subject, uint8 post, uint32 node) private view returns (bool) {
        if (_now < _barred[subject][node]) return false;
        uint256 open = _openOn(subject);
        Said[] storage list = _said[subject];
        for (uint256 i = 0; i < list.length; ++i) {
            if ((list[i].node == node || list[i].post == post) && _isAtStake(list[i], open)) return false;
        }
        uint256 at = _at(subject, post);
        if (at == list.length || !list[at].locked) return true;
        (bool known,) = _fate(subject, list[at]);
        return known;
    }

    function _say(uint8 post, uint32 node, uint32 round, IAlertFeedTypes.Alert memory a) private {
        uint256 expiry = a.expiry < _now + _rules.longestSeconds ? a.expiry : _now + _rules.longestSeconds;
        if (expiry <= _now) return;
        uint256 at = _at(a.subject, post);
        Said[] storage list = _said[a.subject];
        if (!_renews(a.subject, post)) {
            if (!_mayBegin(a.subject, post, node)) return;
            if (at < list.length) {
                if (list[at].locked) {
                    (, bool stood) = _fate(a.subject, list[at]);
                    _settle(a.subject, list[at], stood);
                }
                _drop(a.subject, at);
            }
            at = list.length;
            Said storage fresh = list.push();
            (fresh.node, fresh.post, fresh.since) = (node, post, _now);
            fresh.locked = _escrowed >= _rules.reward && _now >= _paidUntil[a.subject][node];
            if (fresh.locked) (_escrowed, _locked) = (_escrowed - _rules.reward, _locked + _rules.reward);
            ++_records[node].posted;
        }
        Said storage one = list[at];
        if (expiry > one.expiry) one.expiry = expiry;
        (one.probability, one.category, one.round) = (a.probability, a.category, round);
    }

    // Alerts

    function _anyAlert() internal returns (IAlertFeedTypes.Alert memory a) {
        a.subject = _anySubject();
        a.probability = uint16(1 + _draw(10_000));
        a.category = uint8(_draw(3));
        uint256 life = _once(12) ? 0 : _once(4) ? _draw(40) : _once(3) ? type(uint40).max - _now : _draw(300);
        a.expiry = uint40(_now + life);
    }

    function _spoil(IAlertFeedTypes.Alert memory a) private {
        uint256 which = _draw(4);
        if (which == 0) a.subject = address(0);
        else if (which == 1) a.probability = 0;
        else if (which == 2) a.probability = 10_001;
        else a.category = 3;
    }
}
