// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IHiveTypes} from "./IHiveTypes.sol";

/// @title IHiveEvents
/// @notice Every change of the hive's state, in order: whoever has the logs has the state.
/// @dev Phases end in two ways: at a deadline, which follows from RoundOpened and the task's settings, or with
/// the event that fills a quota, at the time of its block.
interface IHiveEvents is IHiveTypes {
    /// @notice A task exists from now on.
    event TaskCreated(uint64 indexed task, address indexed sponsor, bytes32 spec, TaskConfig config);
    /// @notice `amount` came into the escrow from `from`.
    event TaskFunded(uint64 indexed task, address indexed from, uint256 amount);
    /// @notice `amount` went from the escrow to the sponsor.
    event EscrowWithdrawn(uint64 indexed task, uint256 amount);

    /// @notice `node` trains on the shard from now on; `operator` may act there.
    event ShardTaken(uint64 indexed task, uint16 indexed shard, uint32 indexed node, address operator);
    /// @notice The shard's copy of the operator was read anew.
    event ShardRefreshed(uint64 indexed task, uint16 indexed shard, uint32 indexed node, address operator);
    /// @notice The holder gave the shard up.
    event ShardReleased(uint64 indexed task, uint16 indexed shard, uint32 indexed node);
    /// @notice The shard was taken from a holder who is inactive or missed too many rounds.
    event ShardFreed(uint64 indexed task, uint16 indexed shard, uint32 indexed node);
    /// @notice `node` judges in the seat from now on; `operator` may act there.
    event SeatTaken(uint64 indexed task, uint8 indexed seat, uint32 indexed node, address operator);
    /// @notice The seat's copy of the operator was read anew.
    event SeatRefreshed(uint64 indexed task, uint8 indexed seat, uint32 indexed node, address operator);
    /// @notice The holder gave the seat up.
    event SeatReleased(uint64 indexed task, uint8 indexed seat, uint32 indexed node);
    /// @notice The seat was taken from a holder who is inactive or missed too many rounds.
    event SeatFreed(uint64 indexed task, uint8 indexed seat, uint32 indexed node);

    /// @notice A round opened: the reward left the escrow; the train phase lasts until `deadline`.
    /// @param seed What the round draws from.
    /// @param base Digest of the model that it starts from; 0: the task's genesis model.
    event RoundOpened(uint64 indexed task, uint32 indexed round, bytes32 seed, bytes32 base, uint40 deadline);
    /// @notice An update was submitted.
    event UpdateSubmitted(
        uint64 indexed task,
        uint32 indexed round,
        uint32 indexed node,
        uint16 shard,
        bytes32 digest,
        G1 commitment
    );
    /// @notice A verdict was committed.
    event VerdictCommitted(
        uint64 indexed task, uint32 indexed round, uint32 indexed node, uint8 seat, bytes32 commitHash
    );
    /// @notice A verdict was revealed.
    /// @param scores Byte i is the score of shard i.
    /// @param verdict Digest of the verdict's content, which gives the reasons.
    event VerdictRevealed(
        uint64 indexed task,
        uint32 indexed round,
        uint32 indexed node,
        uint8 seat,
        bytes scores,
        bytes32 verdict
    );
    /// @notice A seat did not reveal what it committed; `burned` is gone for good.
    event SeatSlashed(
        uint64 indexed task, uint32 indexed round, uint32 indexed node, uint8 seat, uint96 burned
    );
    /// @notice A slice of the tally.
    /// @param firstShard The shard of the first byte of `medians`: a multiple of 32, so the medians of shards that an
    /// earlier slice counted may come again.
    /// @param medians Byte i is the median of shard firstShard + i; 0: rejected, or no update submitted. The next
    /// slice goes on at shard firstShard + medians.length.
    event UpdatesTallied(uint64 indexed task, uint32 indexed round, uint16 firstShard, bytes medians);
    /// @notice Every update is tallied. Fewer accepted than the task demands: the round is stalled.
    /// @param accepted How many updates are in the sum.
    /// @param worth Sum of their medians.
    /// @param rate What an update earns per unit of its median, in 1e-18 tokens.
    /// @param share What each paid seat earns, in 1e-18 tokens.
    /// @param paid Bit s: seat s earns a share.
    /// @param sum Of the accepted commitments; infinity (zeros) where the chain cannot add.
    event RoundTallied(
        uint64 indexed task,
        uint32 indexed round,
        uint16 accepted,
        uint24 worth,
        uint88 rate,
        uint88 share,
        uint24 paid,
        G1 sum
    );
    /// @notice A seat named the round's model.
    event ModelAttested(
        uint64 indexed task, uint32 indexed round, uint32 indexed node, uint8 seat, bytes32 model
    );
    /// @notice A quorum named the same model: it is the head of the lineage now.
    /// @param paid As in RoundTallied, less the seats that named another model.
    /// @param returned What nobody earned went back to the escrow, in 1e-18 tokens.
    event RoundFinalized(
        uint64 indexed task, uint32 indexed round, bytes32 model, uint24 paid, uint256 returned
    );
    /// @notice The round ended without a model; its whole reward went back to the escrow.
    /// @param reached The last phase that it was in.
    event RoundCancelled(uint64 indexed task, uint32 indexed round, Phase reached, uint256 returned);
    /// @notice A node was paid for the updates or the verdicts of final rounds of one term.
    /// @param index The shard or the seat.
    /// @param term 0: the term of the present holder; else the last final round of one that ended.
    /// @param after_ The rounds paid for are the final ones after this one ...
    /// @param through ... up to this one.
    /// @param amount In 1e-18 tokens, to the node's owner, in one transfer with the rest of the call; 0 where none of
    /// these rounds paid anything.
    event Claimed(
        uint64 indexed task,
        uint32 indexed node,
        Kind kind,
        uint16 index,
        uint32 term,
        uint32 after_,
        uint32 through,
        uint256 amount
    );
}
