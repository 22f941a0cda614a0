// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAlertFeed} from "../../../contracts/interfaces/IAlertFeed.sol";
import {IAlertFeedTypes} from "../../../contracts/interfaces/IAlertFeedTypes.sol";
import {Leading} from "../plays/Leading.sol";

/// @title FeedModel
/// @notice An alert feed once more, as plainly as it can be said: a list of what was said of each address and is not
/// gone, and all that is asked follows from it. Nodes, seats and rounds are those of the hive's model.
abstract contract FeedModel is Leading {
    /// @param left When the author left its post; 0: it has not.
    struct Said {
        uint32 node;
        uint8 post;
        uint16 probability;
        uint8 category;
        uint32 round;
        bool locked;
        uint256 since;
        uint256 expiry;
        uint256 left;
    }

    struct PostModel {
        uint32 node;
        address operator;
    }

    /// @param hash 0: the seat has not voted.
    struct VoteModel {
        uint32 node;
        bool uphold;
        bool shown;
        bytes32 hash;
        bytes32 salt;
    }

    /// @param reward Locked for each seat.
    struct CaseModel {
        address subject;
        address who;
        uint256 opened;
        uint32 round;
        uint256 reward;
        IAlertFeedTypes.Outcome outcome;
        mapping(uint8 seat => VoteModel) votes;
    }

    /// @dev What became of a node's alerts.
    struct RecordModel {
        uint32 posted;
        uint32 stood;
        uint32 retracted;
        uint32 overturned;
    }

    uint64 internal constant TASK = 1;
    uint8 internal constant POSTS = 4;
    uint256 internal constant SUBJECTS = 3;

    IAlertFeed internal feed;
    IAlertFeedTypes.Rules internal _rules;

    PostModel[POSTS] internal _posts;
    mapping(address subject => Said[]) internal _said;
    mapping(address subject => mapping(uint32 node => uint256)) internal _barred;
    mapping(address subject => mapping(uint32 node => uint256)) internal _paidUntil;
    mapping(address subject => uint256) internal _safeUntil;
    mapping(uint32 node => RecordModel) internal _records;

    /// @dev From 1.
    CaseModel[] internal _cases;

    // Tokens
    uint256 internal _escrowed;
    uint256 internal _locked;
    uint256 internal _unburned;
    uint256 internal _strayInFeed;
    mapping(uint32 node => uint256) internal _owedTo;
    mapping(address appellant => uint256) internal _bonds;

    // Posts

    function _isMonitor(uint32 node) internal view returns (bool) {
        if (node == 0 || node >= _nodes.length) return false;
        NodeModel storage n = _nodes[node];
        return n.exitAt == 0 && (n.roles / 4) % 2 == 1 && n.stake >= _rules.minStake;
    }

    /// @dev The post of a node, or `POSTS`.
    function _postOf(uint32 node) internal view returns (uint8 post) {
        while (post < POSTS && (node == 0 || _posts[post].node != node)) ++post;
    }

    // Alerts

    function _end(Said storage one) internal view returns (uint256) {
        return one.left != 0 && one.left < one.expiry ? one.left : one.expiry;
    }

    /// @dev Where in the list of a subject the post's alert is, or the list's length.
    function _at(address subject, uint8 post) internal view returns (uint256 i) {
        Said[] storage list = _said[subject];
        while (i < list.length && list[i].post != post) ++i;
    }

    /// @dev Takes an alert off the list.
    function _drop(address subject, uint256 i) internal {
        Said[] storage list = _said[subject];
        list[i] = list[list.length - 1];
        list.pop();
    }

    /// @dev Whether an appeal made then is about it.
    function _isUnder(Said storage one, uint256 opened) internal view returns (bool) {
        return one.since <= opened && opened < one.expiry && (one.left == 0 || one.left >= opened);
    }

    /// @dev Whether the open appeal about its subject may take it down, or its reward away.
    function _isAtStake(Said storage one, uint256 open) internal view returns (bool) {
        return open != 0 && (one.locked || _isUnder(one, _cases[open].opened));
    }

    /// @dev Whether it is known what becomes of a locked alert, and what.
    function _fate(address subject, Said storage one) internal view returns (bool known, bool stood) {
        if (!one.locked || _openOn(subject) != 0) return (false, false);
        uint256 due = one.since + _rules.standSeconds;
        if (_end(one) < due) return (_end(one) <= _now, false);
        if (_now <= due) return (false, false);
        uint256 n = 0;
        Said[] storage list = _said[subject];
        for (uint256 i = 0; i < list.length; ++i) if (list[i].since <= due && due <= _end(list[i])) ++n;
        return (true, n >= _rules.quorum);
    }

    /// @dev A reward goes to the node, unless it was paid for the subject a short while before, or back.
    function _settle(address subject, Said storage one, bool stood) internal {
        one.locked = false;
        _locked -= _rules.reward;
        if (stood && one.since >= _paidUntil[subject][one.node]) {
            _paidUntil[subject][one.node] = one.since + _rules.longestSeconds;
            _owedTo[one.node] += _rules.reward;
            ++_records[one.node].stood;
        } else {
            _escrowed += _rules.reward;
        }
    }

    // Appeals

    /// @dev The open appeal about a subject, 0 if none.
    function _openOn(address subject) internal view returns (uint256 number) {
        for (uint256 i = 1; i < _cases.length; ++i) {
            if (_cases[i].subject == subject && _cases[i].outcome == IAlertFeedTypes.Outcome.Open) return i;
        }
    }

    /// @dev Whether a node has an alert that the appeal is about, from whatever post.
    function _isParty(uint256 number, uint32 node) internal view returns (bool) {
        Said[] storage list = _said[_cases[number].subject];
        bool open = _cases[number].outcome == IAlertFeedTypes.Outcome.Open;
        for (uint256 i = 0; i < list.length; ++i) {
            if (list[i].node == node && (list[i].locked || (open && _isUnder(list[i], _cases[number].opened)))) return true;
        }
        return false;
    }

    function _votesEnd(uint256 number) internal view returns (uint256) {
        return _cases[number].opened + _rules.voteSeconds;
    }

    function _shown(uint256 number, bool uphold) internal view returns (uint24 seats) {
        for (uint8 s = 0; s < 24; ++s) {
            VoteModel storage v = _cases[number].votes[s];
            if (v.shown && v.uphold == uphold) seats |= uint24(2 ** s);
        }
    }

    // Asking

    /// @dev What the live alerts say, worked out by counting; `monitors` counts nodes, each once.
    function _risk(address subject) internal view returns (IAlertFeedTypes.Risk memory risk) {
        Said[] storage list = _said[subject];
        uint256[] memory ends = new uint256[](list.length);
        uint256 n = 0;
        uint32 newest = 0;
        for (uint256 i = 0; i < list.length; ++i) {
            if (_end(list[i]) <= _now) continue;
            ends[n++] = list[i].expiry;
            if (list[i].round > newest) newest = list[i].round;
            if (!_spokeBefore(list, i)) ++risk.monitors;
        }
        risk.appealed = _openOn(subject) != 0;
        if (n == 0) return risk;
        risk.model = _tasks[TASK].rounds[newest].model;
        risk.probability = _medianOf(list, n);
        risk.category = _mostNamed(list);
        risk.flagged = risk.monitors >= _rules.quorum;
        if (!risk.flagged) return risk;
        // The quorum-th latest expiry: as many as that are not before it.
        for (uint256 i = 0; i < n; ++i) {
            uint256 later = 0;
            for (uint256 j = 0; j < n; ++j) if (ends[j] >= ends[i]) ++later;
            if (later >= _rules.quorum && ends[i] > risk.expiry) risk.expiry = uint40(ends[i]);
        }
    }

    function _spokeBefore(Said[] storage list, uint256 i) private view returns (bool) {
        for (uint256 j = 0; j < i; ++j) if (list[j].node == list[i].node && _end(list[j]) > _now) return true;
        return false;
    }

    /// @dev The least probability that at least half of the `n` live alerts do not exceed.
    function _medianOf(Said[] storage list, uint256 n) private view returns (uint16 median) {
        median = type(uint16).max;
        for (uint256 i = 0; i < list.length; ++i) {
            if (_end(list[i]) <= _now) continue;
            uint256 below = 0;
            for (uint256 j = 0; j < list.length; ++j) {
                if (_end(list[j]) > _now && list[j].probability <= list[i].probability) ++below;
            }
            if (2 * below >= n && list[i].probability < median) median = list[i].probability;
        }
    }

    function _mostNamed(Said[] storage list) private view returns (uint8 category) {
        uint256[3] memory counts;
        for (uint256 i = 0; i < list.length; ++i) if (_end(list[i]) > _now) ++counts[list[i].category];
        for (uint8 c = 1; c < 3; ++c) if (counts[c] > counts[category]) category = c;
    }
}
