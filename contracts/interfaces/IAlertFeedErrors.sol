// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAlertFeedTypes} from "./IAlertFeedTypes.sol";

/// @title IAlertFeedErrors
/// @notice Why a feed refuses: each error is named for the broken condition and carries the values.
interface IAlertFeedErrors is IAlertFeedTypes {
    /// @notice A rule is out of its range.
    error InvalidRules(string rule, uint256 value);
    /// @notice The hive has no such task.
    error UnknownTask(uint64 task);
    /// @notice The token moved another amount than it was asked to: one that takes a fee, or calls back, is refused.
    error WrongTransfer(uint256 received, uint256 expected);

    /// @notice An amount of zero moves nothing.
    error ZeroAmount();
    /// @notice Only the task's sponsor may take escrow back.
    error NotSponsor(address caller, address sponsor);
    /// @notice The escrow has less that is not locked.
    error EscrowTooSmall(uint256 escrow, uint256 needed);

    /// @notice The feed has fewer posts.
    error OutOfRange(uint256 index, uint256 count);
    /// @notice The post has a holder.
    error PostHeld(uint8 post, uint32 node);
    /// @notice The post has no holder.
    error PostFree(uint8 post);
    /// @notice The node has another post.
    error AlreadyPosted(uint32 node, uint8 post);
    /// @notice The caller acts for no node, or for one that is exiting, is no monitor or has too little stake.
    error NotEligible(uint32 node, uint96 minStake);
    /// @notice The caller is not the operator that the slot knows.
    error NotOperator(address caller, address operator);
    /// @notice The caller is neither the operator nor the owner of the node.
    error NotHolder(address caller, uint32 node);
    /// @notice The holder is active.
    error NotFreeable(uint8 post, uint32 node);

    /// @notice Only a final round of the task has a model to go by.
    error NotFinal(uint32 round);
    /// @notice The zero address does nothing.
    error ZeroSubject();
    /// @notice Probabilities are 1 to 10000 basis points.
    error WrongProbability(address subject, uint16 probability);
    /// @notice The feed has fewer categories.
    error UnknownCategory(address subject, uint8 category);
    /// @notice None of the alerts can count: see IAlertFeed.postAlerts.
    error NothingPosted(uint256 given);
    /// @notice The node has no alert about the subject from this post.
    error NoAlert(address subject, uint8 post, uint32 node);

    /// @notice Only what is flagged can be appealed against.
    error NotFlagged(address subject);
    /// @notice One appeal at a time.
    error AppealPending(address subject, uint32 appeal);
    /// @notice No such appeal.
    error UnknownAppeal(uint32 appeal);
    /// @notice A digest of zero names no evidence.
    error ZeroDigest();
    /// @notice A commitment of zero would mark the seat as empty.
    error ZeroHash();
    /// @notice The time for this is not now: it begins at `from` and ends before `until` (0: never).
    error WrongTime(uint256 from, uint256 until);
    /// @notice The appeal is decided.
    error AppealDecided(uint32 appeal);
    /// @notice The seat was not held before the task's last final round at the time of the appeal was opened.
    error TooLate(uint8 seat, uint32 since, uint32 round);
    /// @notice The node has an alert about the subject: nobody judges what is their own.
    error OwnAlert(uint32 node, address subject);
    /// @notice The seat has voted.
    error AlreadyVoted(uint8 seat);
    /// @notice What is shown is not what was committed.
    error WrongReveal(uint8 seat);

    /// @notice The node has earned nothing that it has not been paid.
    error NothingToClaim(uint32 node);
}
