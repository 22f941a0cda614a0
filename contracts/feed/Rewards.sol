// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAlertFeed} from "../interfaces/IAlertFeed.sol";
import {Bits} from "../libraries/Bits.sol";
import {FeedState} from "./FeedState.sol";

/// @title Rewards
/// @notice What alerts that stood are paid, and the escrow that it comes from.
/// @dev INVARIANT: the feed's balance covers the escrow, what is locked, what nodes are owed, bonds that came back and
/// those of open appeals. An amount moves from one of these to another or out, never to two.
abstract contract Rewards is FeedState {
    using Bits for uint24;

    // Escrow

    /// @inheritdoc IAlertFeed
    function fund(uint128 amount) external {
        if (amount == 0) revert ZeroAmount();
        escrow += amount;
        emit FeedFunded(msg.sender, amount);
        _pull(amount);
    }

    /// @inheritdoc IAlertFeed
    function withdrawEscrow(uint128 amount) external {
        address sponsor = _hive().task(task).sponsor;
        if (msg.sender != sponsor) revert NotSponsor(msg.sender, sponsor);
        if (amount == 0) revert ZeroAmount();
        if (amount > escrow) revert EscrowTooSmall(escrow, amount);
        escrow -= amount;
        emit EscrowWithdrawn(sponsor, amount);
        _push(sponsor, amount);
    }

    // Paying

    /// @inheritdoc IAlertFeed
    function settle(uint8 postId, address[] calldata subjects) external {
        for (uint256 i = 0; i < subjects.length; ++i) {
            Subject storage s = _subjects[subjects[i]];
            (bool decided, bool stood) = _fate(s, s.entries[postId]);
            if (decided) _settle(s, subjects[i], postId, stood);
        }
    }

    /// @inheritdoc IAlertFeed
    function claim(uint32 nodeId) external {
        uint256 amount = owed[nodeId];
        if (amount == 0) revert NothingToClaim(nodeId);
        owed[nodeId] = 0;
        emit Claimed(nodeId, amount);
        // The owner never changes, and outlives the node's exit.
        _push(_registry().ownerOf(nodeId), amount);
    }

    /// @inheritdoc IAlertFeed
    function fetchBonds(address appellant) external {
        uint256 amount = bonds[appellant];
        if (amount == 0) revert ZeroAmount();
        bonds[appellant] = 0;
        emit BondReturned(appellant, amount);
        _push(appellant, amount);
    }

    // Internals

    /// @dev The reward of an alert that begins now, if the escrow has it and it is not too soon after another.
    function _lockReward(Past memory past) internal returns (bool) {
        uint96 reward = _rules.reward;
        return reward != 0 && block.timestamp >= past.paidUntil && _lock(reward);
    }

    function _lock(uint128 amount) internal returns (bool) {
        if (amount > escrow) return false;
        // Both share a slot, so in a loop all times but the first are cheap.
        // slither-disable-next-line costly-loop
        escrow -= amount;
        // As above.
        // slither-disable-next-line costly-loop
        locked += amount;
        return true;
    }

    /// @dev What was locked for something that earns `paid` of it after all.
    function _unlock(uint128 amount, uint128 paid) internal {
        // Both share a slot, so in a loop all times but the first are cheap.
        // slither-disable-next-line costly-loop
        locked -= amount;
        // As above.
        // slither-disable-next-line costly-loop
        escrow += amount - paid;
    }

    /// @dev INVARIANT: an alert is settled once: whoever settles it clears `locked`. And a node is paid for a subject
    /// once in `longestSeconds`: else it would pay to let alerts expire and to post them again.
    function _settle(Subject storage s, address subject, uint8 postId, bool stood) internal {
        Entry storage entry = s.entries[postId];
        uint96 reward = _rules.reward;
        uint32 nodeId = entry.node;
        entry.locked = false;
        if (stood) {
            Past storage past = s.pasts[nodeId];
            uint40 since = entry.since;
            // Two of a node are locked at a time if it changed posts between them.
            stood = since >= past.paidUntil;
            if (stood) past.paidUntil = since + _rules.longestSeconds;
        }
        _unlock(reward, stood ? reward : 0);
        if (stood) {
            owed[nodeId] += reward;
            ++_standings[nodeId].stood;
        }
        emit AlertSettled(subject, nodeId, postId, stood);
    }

    /// @dev Takes a post off the list of those with an alert about the subject.
    function _drop(Subject storage s, uint8 postId) internal {
        s.posts &= ~uint24(1 << postId);
    }

    /// @dev Keeps a node from posting about a subject for `longestSeconds`.
    function _bar(Subject storage s, uint32 nodeId) internal {
        s.pasts[nodeId].barredUntil = uint40(block.timestamp + _rules.longestSeconds);
    }

    /// @dev Whether it is certain what becomes of a locked alert, and what. What is posted later does not count, and
    /// what was over by then cannot be renewed. Only others can still undo it, who retract theirs or post anew in their
    /// place, so settling soon pays.
    function _fate(Subject storage s, Entry memory entry) internal view returns (bool decided, bool stood) {
        if (!entry.locked || s.appeal != 0) return (false, false);
        uint256 due = uint256(entry.since) + _rules.standSeconds;
        uint256 end = _endOf(entry);
        if (end < due) return (end <= block.timestamp, false);
        // In the second itself others may still come.
        if (block.timestamp <= due) return (false, false);
        uint256 standing = 0;
        uint24 posts = s.posts;
        for (uint8 p = 0; posts >> p != 0; ++p) {
            if (!posts.has(p)) continue;
            Entry memory other = s.entries[p];
            if (other.since <= due && _endOf(other) >= due) ++standing;
        }
        return (true, standing >= _rules.quorum);
    }
}
