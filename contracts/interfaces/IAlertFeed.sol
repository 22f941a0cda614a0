// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAlertFeedErrors} from "./IAlertFeedErrors.sol";
import {IAlertFeedEvents} from "./IAlertFeedEvents.sol";

/// @title IAlertFeed
/// @notice Which addresses are dangerous, by the models of one task: monitors say so, a quorum of them counts.
/// @dev Structs and units are in IAlertFeedTypes, errors in IAlertFeedErrors, events in IAlertFeedEvents.
///
/// A feed belongs to one task of one hive; stakes, roles and keys are those of the hive's registry. Anyone may deploy
/// one; nobody administers it. An alert is live until it expires, is retracted or overturned, or its node leaves the
/// post. An address with `quorum` live alerts is flagged. A node's time at a post is a term; what it posted ends with
/// it, and does not come back if the node does.
///
/// Money: the escrow is for the task, anyone adds to it, the task's sponsor takes back what is not locked. The reward
/// of an alert is locked when it is posted, so that who stands by an alert is paid whatever happens to the escrow; an
/// alert for which there is not enough is posted all the same and earns nothing.
///
/// Assumptions: the token is HiveToken or behaves like it. Monitors are as honest as their stake and their record make
/// them; the validators of the task decide appeals, a quorum of its seats, none of them about an alert of its own. A
/// quorum of monitors that lie together flags whom it likes, and is paid as long as there is escrow and no appeal.
///
/// Warning: monitors see each other's alerts, so a quorum of them is worth what their independence is worth. A vote of
/// validators is hidden until all have voted, an alert is not: it would come too late.
/// Warning: tokens sent here by a plain transfer belong to nobody and stay. Use `fund`.
interface IAlertFeed is IAlertFeedErrors, IAlertFeedEvents {
    // Reading

    /// @notice What the feed says of an address now. It never reverts for an address, and costs a few thousand gas for
    /// each alert about it.
    function riskOf(address subject) external view returns (Risk memory);

    // Posts

    /// @notice Takes a free post for the caller's node; one post a node.
    /// @dev Operator of an active node with the MONITOR role and `minStake`. Emits PostTaken.
    /// Reverts OutOfRange, PostHeld, NotEligible, AlreadyPosted.
    function takePost(uint8 postId) external;

    /// @notice Gives a post up. Its alerts are not live any more; what has stood by now can still be settled.
    /// @dev Operator or owner of the holder. Emits PostReleased. Reverts PostFree, NotHolder.
    function releasePost(uint8 postId) external;

    /// @notice Reads the holder's operator from the registry anew.
    /// @dev Anyone may call. Emits PostRefreshed. Reverts PostFree.
    function refreshPost(uint8 postId) external;

    /// @notice Takes a post from a holder who is exiting, is no monitor any more or has too little stake.
    /// @dev Anyone may call. Emits PostFreed. Reverts PostFree, NotFreeable.
    function freePost(uint8 postId) external;

    // Alerts

    /// @notice Posts alerts by the model of a final round, or renews those that are live.
    /// @dev The operator that the post knows, of a node that is active. Emits AlertPosted for each that counts,
    /// ModelNoted the first time a round is named, AlertSettled for each earlier alert of the post that is replaced.
    /// Reverts NotOperator, NotEligible, NotFinal, ZeroSubject, WrongProbability, UnknownCategory, NothingPosted. What
    /// others or the time may have brought about since the call was made is skipped: an alert that has expired, one
    /// about a subject that the node is barred from (see Past), while an appeal is open a new one by the author of an
    /// alert that it is about or in the place of such an alert, and one in the place of an alert in the very second
    /// that decides about it. A life longer than `longestSeconds` is cut to it; a renewal does not shorten it.
    function postAlerts(uint8 postId, uint32 roundId, Alert[] calldata alerts) external;

    /// @notice Takes alerts back. It counts in the node's record, and nothing more is paid for them. Who does so while
    /// an appeal about them is open is barred from the subject as if they had been overturned.
    /// @dev Operator or owner of the author, whether or not it still holds the post. Emits AlertRetracted, AlertSettled
    /// where a reward was locked. Reverts NotHolder, NoAlert, or with UnknownNode of the registry.
    function retract(uint32 nodeId, uint8 postId, address[] calldata subjects) external;

    // Appeals

    /// @notice Appeals against the alerts about a flagged address; it stays flagged until the appeal is decided.
    /// After an appeal that has not overturned them the alerts are safe for `voteSeconds`.
    /// @dev Anyone may call. Needs an allowance of `bond`. Emits AppealOpened. Reverts ZeroDigest, AppealPending,
    /// WrongTime, NotFlagged, WrongTransfer, or with the token's error.
    /// @param evidence Digest of what speaks for the subject.
    function appeal(address subject, bytes32 evidence) external returns (uint32 appealId);

    /// @notice Commits to a vote without showing it.
    /// @dev The operator that the hive's seat knows, if the node has held the seat since before the round was opened
    /// that was the task's last final one at the appeal, and has no alert that the appeal is about. Emits
    /// VoteCommitted. Reverts UnknownAppeal, WrongTime, ZeroHash, NotOperator, TooLate, OwnAlert, AlreadyVoted.
    /// @param commitHash keccak256(abi.encode(feed, appeal, seat, node, uphold, salt)).
    function commitVote(uint32 appealId, uint8 seatId, bytes32 commitHash) external;

    /// @notice Shows a vote.
    /// @dev Anyone who knows the salt, between the end of the votes and the decision's time. Emits VoteRevealed.
    /// Reverts UnknownAppeal, WrongTime, WrongReveal.
    /// @param nodeId Who committed.
    /// @param uphold Whether the alerts are right.
    function revealVote(uint32 appealId, uint8 seatId, uint32 nodeId, bool uphold, bytes32 salt) external;

    /// @notice Counts the votes. As many seats as the task's quorum against the alerts take down those that were live
    /// when it was opened; as many for them burn the bond; otherwise nothing changes and the bond goes back.
    /// @dev Anyone may call, once the votes' time is over. Emits AlertOverturned for each, AppealClosed, BondUnburned.
    /// Reverts UnknownAppeal, AppealDecided, WrongTime. A bond is burned and reaches nobody; if the token cannot burn,
    /// it stays here and is nobody's.
    function decide(uint32 appealId) external;

    // Money

    /// @notice Adds to the escrow.
    /// @dev Anyone may call. Needs an allowance. Emits FeedFunded. Reverts ZeroAmount, WrongTransfer, or with the
    /// token's error.
    function fund(uint128 amount) external;

    /// @notice Sends escrow that nothing has locked to the task's sponsor.
    /// @dev The sponsor only. Emits EscrowWithdrawn. Reverts NotSponsor, ZeroAmount, EscrowTooSmall.
    function withdrawEscrow(uint128 amount) external;

    /// @notice Settles alerts of a post: those that stood earn their reward, the rewards of those that cannot any more
    /// return to the escrow; others are left as they are.
    /// @dev Anyone may call. Emits AlertSettled for each settled one. An alert stood if it and enough others for
    /// a quorum lived until `standSeconds` after it was posted, none of them retracted, overturned or replaced since,
    /// and no appeal is open. A node is paid for a subject once in `longestSeconds`.
    function settle(uint8 postId, address[] calldata subjects) external;

    /// @notice Pays a node's owner for settled alerts and for votes, in one transfer.
    /// @dev Anyone may call. Emits Claimed. Reverts NothingToClaim. Nothing expires.
    function claim(uint32 nodeId) external;

    /// @notice Pays an appellant the bonds that came back.
    /// @dev Anyone may call. Emits BondReturned. Reverts ZeroAmount.
    function fetchBonds(address appellant) external;

    // Views

    /// @notice The hive whose task this is.
    function hive() external view returns (address);

    /// @notice The task.
    function task() external view returns (uint64);

    /// @notice The hive's registry of nodes.
    function registry() external view returns (address);

    /// @notice The hive's token.
    function token() external view returns (address);

    /// @notice The rules.
    function rules() external view returns (Rules memory);

    /// @notice What is neither locked nor owed, in 1e-18 tokens.
    function escrow() external view returns (uint128);

    /// @notice What is locked for alerts and votes, in 1e-18 tokens.
    function locked() external view returns (uint128);

    /// @notice What a node has earned and not been paid, in 1e-18 tokens.
    function owed(uint32 nodeId) external view returns (uint256);

    /// @notice Bonds that came back and were not fetched, in 1e-18 tokens.
    function bonds(address appellant) external view returns (uint256);

    /// @notice Lost bonds that the token did not burn: nobody's, in 1e-18 tokens.
    function unburned() external view returns (uint256);

    /// @notice How many terms at posts have begun: their numbers are 1 to this.
    function termCount() external view returns (uint32);

    /// @notice When a term ended; 0: it has not.
    function termEnd(uint32 term) external view returns (uint40);

    /// @notice Who holds a post.
    function post(uint8 postId) external view returns (Monitor memory);

    /// @notice The post of a node plus 1; 0: none.
    function postOf(uint32 nodeId) external view returns (uint8);

    /// @notice The latest alert of a post about a subject, live or not.
    function alertOf(address subject, uint8 postId) external view returns (Entry memory);

    /// @notice Bit p: there is an alert from post p that was neither retracted nor overturned.
    function postsOn(address subject) external view returns (uint24);

    /// @notice The open appeal about a subject; 0: none.
    function appealOn(address subject) external view returns (uint32);

    /// @notice Before this second there is no new appeal about a subject.
    function appealableAt(address subject) external view returns (uint40);

    /// @notice What a node's earlier alerts about a subject keep it from.
    function pastOf(address subject, uint32 nodeId) external view returns (Past memory);

    /// @notice How many appeals there have been: their numbers are 1 to this.
    function appealCount() external view returns (uint32);

    /// @notice An appeal. Reverts UnknownAppeal.
    function appealState(uint32 appealId) external view returns (Appeal memory);

    /// @notice What became of a node's alerts.
    function standingOf(uint32 nodeId) external view returns (Standing memory);

    /// @notice The model of a round by which alerts were posted; 0 if none was.
    function modelOf(uint32 roundId) external view returns (bytes32);
}
