// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAlertFeed} from "../../../contracts/interfaces/IAlertFeed.sol";
import {INodeRegistry} from "../../../contracts/interfaces/INodeRegistry.sol";
import {FeedModel} from "./FeedModel.sol";

/// @title FeedWorld
/// @notice A hive with one task and a feed of it, and how its calls are made and its people chosen.
abstract contract FeedWorld is FeedModel {
    // Making it

    /// @dev Nodes 1 to 3 sit and may monitor too, 4 to 8 monitor; a round is final, or nobody could post.
    function _begin(bool adds) internal {
        _deploy(adds);
        for (uint256 i = 0; i < 8; ++i) _register(_actor(i), _actor(i == 0 ? 0 : i + 6), i < 3 ? 3 : 7, 500e18);
        TaskConfig memory c;
        (c.trainSeconds, c.judgeSeconds, c.revealSeconds, c.tallySeconds, c.attestSeconds) = (20, 20, 20, 20, 20);
        (c.shards, c.updateQuota, c.minUpdates, c.seats, c.quorum, c.verdictQuota) = (2, 1, 1, 3, 2, 3);
        (c.tolerance, c.trainerBps, c.reward, c.minStake) = (30, 6000, 1e18, 100e18);
        _createTask(_actor(0), c, bytes32(uint256(1)));
        _fund(_actor(2), TASK, 1000e18);
        for (uint16 s = 0; s < 3; ++s) _take(_nodes[1 + s].operator, TASK, Kind.Verdict, s);
        for (uint16 s = 0; s < 2; ++s) _take(_nodes[1 + s].operator, TASK, Kind.Update, s);
        _rules.posts = POSTS;
        (_rules.quorum, _rules.categories) = (2, 3);
        (_rules.longestSeconds, _rules.standSeconds, _rules.voteSeconds, _rules.revealSeconds) = (250, 30, 60, 55);
        (_rules.minStake, _rules.reward, _rules.voteReward, _rules.bond) = (100e18, 5e18 + 1, 2e18, 7e18 + 3);
        feed = IAlertFeed(_create("AlertFeed", abi.encode(hive, TASK, _rules)));
        for (uint256 i = 0; i < ACTORS; ++i) {
            vm.prank(_actor(i));
            token.approve(address(feed), type(uint256).max);
        }
        _cases.push();
        _finishRound();
        require(bytes(_broken).length == 0, _broken);
    }

    /// @dev Until a round is final, or nobody can bring one there.
    function _finishRound() internal {
        uint256 before = _tasks[TASK].finals.length;
        for (uint256 i = 0; i < 40 && _tasks[TASK].finals.length == before; ++i) _lead(TASK);
    }

    // Calling

    function _toFeed(address who, bytes memory data, string memory refusal)
        internal
        returns (bool ok, bytes memory answer)
    {
        vm.prank(who);
        (ok, answer) = address(feed).call(data);
        _count(bytes4(data), ok);
        if (ok == (_leaving || bytes(refusal).length == 0)) return (ok, answer);
        if (ok) _break(string.concat(refusal, " went through"));
        else _break(string.concat("a good call refused: ", vm.toString(data), " by ", vm.toString(answer)));
        return (false, answer);
    }

    // Choosing

    function _subject(uint256 i) internal pure returns (address) {
        return address(uint160(0xBAD0 + i));
    }

    function _anySubject() internal returns (address) {
        return _subject(_draw(SUBJECTS));
    }

    function _anyPost() internal returns (uint8) {
        return uint8(_once(32) ? _draw(256) : _draw(POSTS));
    }

    /// @dev A post with a holder if there is one, mostly.
    function _heldPost() internal returns (uint8 post) {
        post = _anyPost();
        for (uint256 i = 0; i < 6 && (post >= POSTS || _posts[post].node == 0); ++i) post = _anyPost();
    }

    function _holderOf(uint8 post) internal view returns (uint32) {
        return post < POSTS ? _posts[post].node : 0;
    }

    /// @dev An appeal, mostly an open one that was opened so many seconds ago; 0 if there is none.
    function _caseSince(uint256 from, uint256 until) internal returns (uint256 number) {
        uint256 n = _cases.length - 1;
        if (n == 0) return 0;
        number = 1 + _draw(n);
        if (_once(24)) return number + _draw(2);
        for (uint256 i = 0; i < n; ++i) {
            uint256 age = _now - _cases[number].opened;
            if (uint8(_cases[number].outcome) == 0 && age >= from && age < until) return number;
            number = number % n + 1;
        }
    }

    /// @dev Somebody who acts for a node: its operator or its owner.
    function _acting(uint32 node) internal returns (address) {
        if (node == 0 || node >= _nodes.length) return address(0);
        return _once(2) ? _nodes[node].operator : _nodes[node].owner;
    }

    // Of the hive

    function finishRound(uint256 seed) external {
        _enter(seed);
        _finishRound();
    }

    /// @dev Mostly back to where it may monitor and judge.
    function recast(uint256 seed) external {
        _enter(seed);
        uint32 id = uint32(1 + _draw(_nodes.length - 1));
        // Who judges monitors seldom: nobody judges its own alert.
        uint8 roles = uint8(_once(6) ? 1 + _draw(7) : id < 4 ? 3 : 7);
        bool leaves = _nodes[id].exitAt != 0;
        bytes memory data = abi.encodeCall(INodeRegistry.setRoles, (id, roles));
        if (_toRegistry(_nodes[id].owner, data, leaves ? "P12: on its way out" : "")) _nodes[id].roles = roles;
    }
}
