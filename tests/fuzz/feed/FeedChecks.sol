// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAlertFeedTypes} from "../../../contracts/interfaces/IAlertFeedTypes.sol";
import {Settling} from "./Settling.sol";

/// @title FeedChecks
/// @notice What must hold of a feed after every call, and that every token finds its way out.
abstract contract FeedChecks is Settling {
    /// @dev P16, by what the contract itself says of all to whom it owes anything.
    function _checkFeedTokens() internal view {
        require(feed.escrow() == _escrowed, "P16: another escrow");
        require(feed.locked() == _locked, "P16: another amount is locked");
        require(feed.unburned() == _unburned, "P16: another amount was not burned");
        uint256 due = feed.escrow() + feed.locked() + feed.unburned() + _strayInFeed;
        for (uint32 id = 1; id < _nodes.length; ++id) {
            require(feed.owed(id) == _owedTo[id], "P19: another amount is owed");
            due += feed.owed(id);
        }
        for (uint256 i = 0; i < ACTORS; ++i) {
            require(feed.bonds(_actor(i)) == _bonds[_actor(i)], "P19: another bond is to be fetched");
            due += feed.bonds(_actor(i));
        }
        for (uint256 i = 1; i < _cases.length; ++i) if (uint8(_cases[i].outcome) == 0) due += _rules.bond;
        require(token.balanceOf(address(feed)) == due, "P16: the feed holds another amount than it owes");
    }

    function _checkRisk(address subject) internal view {
        try feed.riskOf(subject) returns (IAlertFeedTypes.Risk memory said) {
            IAlertFeedTypes.Risk memory due = _risk(subject);
            require(said.monitors == due.monitors, "P18: another number of monitors");
            require(said.flagged == due.flagged, "P20: another flag");
            require(said.appealed == due.appealed, "P20: another appeal");
            require(said.probability == due.probability, "P23: another probability");
            require(said.category == due.category, "P23: another category");
            require(said.expiry == due.expiry, "P23: another expiry");
            require(said.model == due.model, "P23: another model");
        } catch {
            require(false, "P23: no answer");
        }
    }

    function _checkAlerts(address subject) internal view {
        uint24 posts = 0;
        Said[] storage list = _said[subject];
        for (uint256 i = 0; i < list.length; ++i) {
            Said storage one = list[i];
            posts |= uint24(2 ** one.post);
            IAlertFeedTypes.Entry memory e = feed.alertOf(subject, one.post);
            require(e.node == one.node && e.since == one.since, "P20: another alert");
            require(e.expiry == one.expiry, "P20: another expiry of an alert");
            require(e.locked == one.locked, "P19: another alert is to be settled");
            require(e.probability == one.probability && e.category == one.category, "P23: an alert says another thing");
            require(e.round == one.round && feed.termEnd(e.term) == one.left, "P18: an alert of another term");
        }
        require(feed.postsOn(subject) == posts, "P20: alerts of other posts");
        require(feed.appealOn(subject) == _openOn(subject), "P20: another open appeal");
        require(feed.appealableAt(subject) == _safeUntil[subject], "P17: another time without appeals");
    }

    function _checkNodeOf(uint32 id) internal view {
        IAlertFeedTypes.Standing memory s = feed.standingOf(id);
        RecordModel storage r = _records[id];
        require(s.posted == r.posted && s.stood == r.stood, "P19: another record");
        require(s.retracted == r.retracted && s.overturned == r.overturned, "P20: another record");
        require(feed.postOf(id) == (_postOf(id) == POSTS ? 0 : _postOf(id) + 1), "P18: another post of a node");
        for (uint256 i = 0; i < SUBJECTS; ++i) {
            IAlertFeedTypes.Past memory past = feed.pastOf(_subject(i), id);
            require(past.barredUntil == _barred[_subject(i)][id], "P20: barred until another time");
            require(past.paidUntil == _paidUntil[_subject(i)][id], "P19: paid until another time");
        }
    }

    function _checkPosts() internal view {
        for (uint8 p = 0; p < POSTS; ++p) {
            IAlertFeedTypes.Monitor memory m = feed.post(p);
            require(m.node == _posts[p].node && m.operator == _posts[p].operator, "P18: another holder of a post");
        }
    }

    function _checkCase(uint256 number) internal view {
        IAlertFeedTypes.Appeal memory a = feed.appealState(uint32(number));
        CaseModel storage c = _cases[number];
        require(a.subject == c.subject && a.appellant == c.who && a.openedAt == c.opened, "P20: another appeal");
        require(a.outcome == c.outcome, "P20: another outcome");
        require(a.round == c.round && a.voteReward == c.reward, "P21: another round or reward of votes");
        require(a.upholding == _shown(number, true) && a.overturning == _shown(number, false), "P21: other votes");
    }

    function _checkEverything() internal view {
        _checkFeedTokens();
        _checkPosts();
        for (uint256 i = 0; i < SUBJECTS; ++i) {
            _checkRisk(_subject(i));
            _checkAlerts(_subject(i));
        }
        for (uint32 id = 1; id < _nodes.length; ++id) _checkNodeOf(id);
        for (uint256 i = 1; i < _cases.length; ++i) _checkCase(i);
    }

    /// @dev P17: each step must succeed, and nothing is left but what is nobody's.
    function _leaveFeed() internal {
        _leaving = true;
        for (uint256 i = 1; i < _cases.length; ++i) {
            if (uint8(_cases[i].outcome) != 0) continue;
            uint256 end = _votesEnd(i) + _rules.revealSeconds;
            if (_now < end) _reach(end);
            _decide(i);
        }
        // Longer than any alert lives or stands.
        _reach(_now + _rules.longestSeconds + 1);
        for (uint256 i = 0; i < SUBJECTS; ++i) {
            for (uint8 p = 0; p < POSTS; ++p) _settlePost(p, _subject(i), _subject(i));
        }
        for (uint32 id = 1; id < _nodes.length; ++id) if (_owedTo[id] != 0) _claimFeed(id);
        for (uint256 i = 0; i < ACTORS; ++i) if (_bonds[_actor(i)] != 0) _fetchBonds(_actor(i));
        if (_escrowed != 0) _withdrawFeed(_tasks[TASK].sponsor, uint128(_escrowed));
        require(bytes(_broken).length == 0, string.concat("P17: no way out: ", _broken));
        require(token.balanceOf(address(feed)) == _strayInFeed + _unburned, "P17: tokens are left in the feed");
    }
}
