// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAlertFeed} from "../../../contracts/interfaces/IAlertFeed.sol";
import {IAlertFeedTypes} from "../../../contracts/interfaces/IAlertFeedTypes.sol";
import {HostileToken} from "../HostileToken.sol";
import {FeedChecks} from "./FeedChecks.sol";

/// @title FeedExamples
/// @notice What is better shown than found: tokens that cheat and call back, and steps that must come in order.
abstract contract FeedExamples is FeedChecks {
    address private constant BAD = address(0xBAD0);

    // Hostile tokens

    function test_P16_funds_and_bonds_of_a_token_that_takes_a_fee_are_refused() external {
        _flag();
        _hostile().setFee(1);
        _mustFail(_actor(2), abi.encodeCall(IAlertFeed.fund, (1e18)), "P16: funds that did not arrive");
        _mustFail(_actor(2), abi.encodeCall(IAlertFeed.appeal, (BAD, "e")), "P16: a bond that did not arrive");
        _checkFeedTokens();
    }

    function test_P16_fund_within_fund_is_refused() external {
        _hostile().reenter(address(feed), _actor(2), abi.encodeCall(IAlertFeed.fund, (1e18)));
        _mustFail(_actor(2), abi.encodeCall(IAlertFeed.fund, (1e18)), "P16: two funds at once");
        _checkFeedTokens();
    }

    function test_P16_withdrawal_of_escrow_within_another_is_refused() external {
        _fundFeed(_actor(2), 10e18);
        HostileToken hostile = _hostile();
        address sponsor = _tasks[TASK].sponsor;
        // Once it is there and twice it is not, though the feed has as much for others.
        uint128 most = uint128(_escrowed / 2 + 1);
        hostile.reenter(address(feed), sponsor, abi.encodeCall(IAlertFeed.withdrawEscrow, (most)));
        _withdrawFeed(sponsor, most);
        _holdsStill("P16: a withdrawal within a withdrawal", hostile);
    }

    function test_P19_claim_within_claim_pays_once() external {
        uint32 node = _stand();
        HostileToken hostile = _hostile();
        hostile.reenter(address(feed), _actor(STRANGER), abi.encodeWithSelector(IAlertFeed.claim.selector, node));
        _claimFeed(node);
        _holdsStill("P19: a claim within a claim", hostile);
    }

    function test_P19_bonds_within_bonds_come_back_once() external {
        _flag();
        for (uint256 i = 0; i < 2; ++i) {
            _appeal(_actor(9 + i), BAD, "e");
            _reach(_votesEnd(i + 1) + _rules.revealSeconds);
            _decide(i + 1);
            _reach(_safeUntil[BAD]);
        }
        HostileToken hostile = _hostile();
        hostile.reenter(address(feed), _actor(STRANGER), abi.encodeCall(IAlertFeed.fetchBonds, (_actor(9))));
        _fetchBonds(_actor(9));
        _holdsStill("P19: bonds within bonds", hostile);
    }

    function test_P17_a_token_that_does_not_burn_holds_no_decision_up() external {
        _flag();
        _appeal(_actor(9), BAD, "e");
        _voteAll(1, true);
        _hostile().refuseBurns();
        _decide(1);
        require(bytes(_broken).length == 0, string.concat("P17: no decision while the token does not burn: ", _broken));
        require(feed.unburned() == _rules.bond, "P16: a lost bond reaches somebody");
        _checkEverything();
    }

    // Sequences

    /// @dev One that goes from post to post is one voice, for a flag as for a reward.
    function test_P18_a_node_that_changes_posts_makes_no_quorum_of_itself() external {
        _post(0);
        _releasePost(_posts[0].operator, 0);
        _takePost(_nodes[4].operator, 3);
        _reach(_now + 1);
        _post(3);
        _checkRisk(BAD);
        _reach(_now + _rules.standSeconds + 1);
        for (uint8 p = 0; p < POSTS; ++p) _settlePost(p, BAD, BAD);
        _requireHeld();
    }

    /// @dev Whoever lets an alert expire and posts it anew is paid for it once.
    function test_P19_an_alert_posted_anew_is_not_paid_anew() external {
        for (uint256 i = 0; i < 3; ++i) {
            IAlertFeedTypes.Alert[] memory short = _one(uint40(_now + _rules.standSeconds + 2));
            for (uint8 p = 0; p < 2; ++p) _postAlerts(_posts[p].operator, p, _lastFinal(_tasks[TASK]), short);
            _reach(_now + _rules.standSeconds + 2);
            for (uint8 p = 0; p < 2; ++p) _settlePost(p, BAD, BAD);
        }
        _requireHeld();
    }

    /// @dev A seat that was taken just before the appeal votes not, though a round is opened in between.
    function test_P21_a_seat_taken_before_the_appeal_is_no_seat_in_it() external {
        _flag();
        SlotModel storage slot = _tasks[TASK].slots[Kind.Verdict][0];
        _release(slot.operator, TASK, Kind.Verdict, 0);
        _take(_nodes[7].operator, TASK, Kind.Verdict, 0);
        _openRound(_actor(6), TASK);
        _appeal(_actor(9), BAD, "e");
        _commitVote(slot.operator, 1, 0, true, "s");
        _requireHeld();
    }

    /// @dev What is under appeal stays as it is: nobody shortens, replaces or repeats it.
    function test_P20_nobody_leaves_an_appeal_by_posting() external {
        _flag();
        _appeal(_actor(9), BAD, "e");
        _reach(_now + 1);
        _postAlerts(_posts[0].operator, 0, _lastFinal(_tasks[TASK]), _one(uint40(_now + 1)));
        uint32 node = _posts[1].node;
        _retract(_posts[1].operator, node, 1, BAD);
        _postAlerts(_posts[1].operator, 1, _lastFinal(_tasks[TASK]), _one(type(uint40).max));
        address operator = _posts[0].operator;
        _releasePost(operator, 0);
        _takePost(operator, 3);
        _postAlerts(operator, 3, _lastFinal(_tasks[TASK]), _one(type(uint40).max));
        _requireHeld();
    }

    /// @dev An alert that expires just when it would have stood: for that second nothing is known of it, and it is skipped.
    function test_P22_an_alert_that_nothing_is_known_of_yet_fails_no_batch() external {
        uint32 round = _lastFinal(_tasks[TASK]);
        address operator = _posts[0].operator;
        uint256 end = _now + _rules.standSeconds;
        _postAlerts(operator, 0, round, _one(uint40(end)));
        IAlertFeedTypes.Alert[] memory both = new IAlertFeedTypes.Alert[](2);
        (both[0], both[1]) = (_one(type(uint40).max)[0], _one(type(uint40).max)[0]);
        both[1].subject = _subject(1);
        _reach(end);
        _postAlerts(operator, 0, round, both);
        _requireHeld();
        require(feed.alertOf(BAD, 0).expiry == end, "P22: replaced while nothing was known of it");
        require(feed.alertOf(_subject(1), 0).since == end, "P22: the rest of the batch was not posted");
        // One second later it is known not to have stood, for nobody joined it.
        _reach(end + 1);
        _postAlerts(operator, 0, round, _one(type(uint40).max));
        _requireHeld();
        require(feed.alertOf(BAD, 0).since == end + 1, "P22: not posted anew");
    }

    // Getting there

    /// @dev Posts 0 and 1 flag the subject.
    function _flag() private {
        _post(0);
        _post(1);
        require(_risk(BAD).flagged && bytes(_broken).length == 0, "no flag");
    }

    function _post(uint8 post) private {
        _postAlerts(_posts[post].operator, post, _lastFinal(_tasks[TASK]), _one(type(uint40).max));
    }

    function _one(uint40 expiry) private pure returns (IAlertFeedTypes.Alert[] memory alerts) {
        alerts = new IAlertFeedTypes.Alert[](1);
        alerts[0] = IAlertFeedTypes.Alert(BAD, 9000, 1, expiry);
    }

    /// @dev Somebody who is owed a reward, and others too.
    function _stand() private returns (uint32 node) {
        _flag();
        _reach(_now + _rules.standSeconds + 1);
        for (uint8 p = 0; p < 2; ++p) _settlePost(p, BAD, BAD);
        node = _posts[0].node;
        require(_owedTo[node] != 0, "no reward");
    }

    function _voteAll(uint256 number, bool uphold) private {
        for (uint8 s = 0; s < 3; ++s) {
            _commitVote(_tasks[TASK].slots[Kind.Verdict][s].operator, number, s, uphold, "s");
        }
        _reach(_votesEnd(number));
        for (uint8 s = 0; s < 3; ++s) _revealVote(number, s, _cases[number].votes[s]);
        _reach(_votesEnd(number) + _rules.revealSeconds);
    }

    function _hostile() private returns (HostileToken) {
        vm.etch(address(token), address(new HostileToken()).code);
        return HostileToken(address(token));
    }

    function _mustFail(address who, bytes memory data, string memory what) private {
        vm.prank(who);
        (bool ok,) = address(feed).call(data);
        require(!ok, what);
    }

    function _holdsStill(string memory what, HostileToken hostile) private view {
        require(bytes(_broken).length == 0, string.concat(what, ": ", _broken));
        require(hostile.entered() == 0, string.concat(what, " went through"));
        _checkFeedTokens();
    }

    function _requireHeld() private view {
        require(bytes(_broken).length == 0, _broken);
        _checkEverything();
    }
}
