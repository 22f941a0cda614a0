// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAlertFeedTypes} from "./IAlertFeedTypes.sol";

/// @title IAlertFeedEvents
/// @notice Everything that changes in a feed: its state can be rebuilt from these.
interface IAlertFeedEvents is IAlertFeedTypes {
    /// @notice The feed exists.
    event FeedCreated(address indexed hive, uint64 indexed task, Rules rules);
    /// @notice `amount` came into the escrow.
    event FeedFunded(address indexed from, uint256 amount);
    /// @notice `amount` went from the escrow to the task's sponsor.
    event EscrowWithdrawn(address indexed sponsor, uint256 amount);

    /// @notice `node` watches from the post from now on; `operator` may post there. `term` counts such times.
    event PostTaken(uint8 indexed post, uint32 indexed node, address operator, uint32 term);
    /// @notice The post's copy of the operator was read anew.
    event PostRefreshed(uint8 indexed post, uint32 indexed node, address operator);
    /// @notice The holder gave the post up.
    event PostReleased(uint8 indexed post, uint32 indexed node);
    /// @notice The post was taken from a holder who is not active any more.
    event PostFreed(uint8 indexed post, uint32 indexed node);

    /// @notice A round's model was read from the hive.
    event ModelNoted(uint32 indexed round, bytes32 model);
    /// @notice An alert was posted, or renewed if `since` is before this block.
    event AlertPosted(address indexed subject, uint32 indexed node, uint8 indexed post, Entry entry);
    /// @notice The author took the alert back.
    event AlertRetracted(address indexed subject, uint32 indexed node, uint8 indexed post);
    /// @notice An appeal took the alert down.
    event AlertOverturned(address indexed subject, uint32 indexed node, uint8 indexed post, uint32 appeal);
    /// @notice The alert's reward went to the node, or back to the escrow if `stood` is false: it did not stand, or the
    /// node had been paid for the subject less than `longestSeconds` before it was posted.
    event AlertSettled(address indexed subject, uint32 indexed node, uint8 indexed post, bool stood);

    /// @notice Somebody put up a bond against the alerts about a subject.
    /// @param evidence Digest of what speaks for the subject.
    /// @param locked What is locked for the votes, in 1e-18 tokens.
    event AppealOpened(
        uint32 indexed appeal,
        address indexed subject,
        address indexed appellant,
        bytes32 evidence,
        uint32 round,
        uint128 locked
    );
    /// @notice A seat committed a vote.
    event VoteCommitted(uint32 indexed appeal, uint8 indexed seat, uint32 indexed node, bytes32 commitHash);
    /// @notice A seat showed its vote: for the alerts, or against them.
    event VoteRevealed(uint32 indexed appeal, uint8 indexed seat, uint32 indexed node, bool uphold);
    /// @notice The votes were counted; `bond` went back to the appellant, or was burned if the alerts were upheld.
    event AppealClosed(uint32 indexed appeal, address indexed subject, Outcome outcome, uint96 bond);
    /// @notice The token did not burn a lost bond, which stays here and is nobody's.
    event BondUnburned(uint32 indexed appeal, uint96 bond);
    /// @notice A node's owner was paid.
    event Claimed(uint32 indexed node, uint256 amount);
    /// @notice An appellant fetched a bond.
    event BondReturned(address indexed appellant, uint256 amount);
}
