// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IHiveTypes} from "./IHiveTypes.sol";

/// @title IHiveErrors
/// @notice Why the hive refuses: each error is named for the broken condition and carries the values.
interface IHiveErrors is IHiveTypes {
    /// @notice This chain has no BLS12_G1ADD at address 0x0b (EIP-2537): deploy with verifySums = false.
    error PrecompileMissing();
    /// @notice The token moved another amount than it was asked to: one that takes a fee, or calls back, is refused.
    error WrongTransfer(uint256 received, uint256 expected);

    /// @notice No such task.
    error UnknownTask(uint64 task);
    /// @notice A setting is out of its range.
    error InvalidConfig(string setting, uint256 value);
    /// @notice A digest of zero names no content.
    error ZeroDigest();
    /// @notice An amount of zero moves nothing.
    error ZeroAmount();
    /// @notice Only the sponsor may take escrow back.
    error NotSponsor(uint64 task, address caller);
    /// @notice The escrow holds less than is asked for.
    error EscrowTooSmall(uint256 escrow, uint256 needed);

    /// @notice The task has fewer shards or seats.
    error OutOfRange(uint256 index, uint256 count);
    /// @notice The slot has a holder.
    error SlotHeld(uint256 index, uint32 node);
    /// @notice The slot has no holder.
    error SlotFree(uint256 index);
    /// @notice The node sits in another seat of the task.
    error AlreadySeated(uint32 node, uint8 seat);
    /// @notice The caller acts for no node, or for one that is exiting, lacks the role or has too little stake.
    error NotEligible(uint32 node, uint8 role, uint96 minStake);
    /// @notice The caller is not the operator that the slot knows.
    error NotOperator(address caller, address operator);
    /// @notice The caller is neither the operator nor the owner of the slot's holder.
    error NotHolder(address caller, uint32 node);
    /// @notice The shard has an update in a round that is not over: it stays bound to its holder, who is paid for it.
    error ShardBound(uint32 round, uint16 shard);
    /// @notice The seat committed a verdict or named a model in a round that is not over: it stays bound to its holder.
    error SeatBound(uint32 round, uint8 seat);
    /// @notice The holder is active and did not miss enough rounds.
    error NotFreeable(uint256 index, uint32 node);

    /// @notice The round stands elsewhere.
    error WrongPhase(Phase actual, Phase expected);
    /// @notice The latest round is neither final nor cancelled.
    error RoundOpen(uint32 round, Phase phase);
    /// @notice The task has had all its rounds.
    error NoRoundsLeft(uint32 rounds);
    /// @notice The shard has its update of this round.
    error AlreadySubmitted(uint16 shard);
    /// @notice Of the signed updates none could be submitted: expired, not signed by the shard's operator, or there
    /// already.
    error NothingSubmitted(uint256 given);
    /// @notice The seat has its verdict of this round.
    error AlreadyCommitted(uint8 seat);
    /// @notice A commitment of zero would mark the seat as empty.
    error ZeroHash();
    /// @notice One score a shard, no more and no less.
    error WrongLength(uint256 length, uint256 shards);
    /// @notice What is revealed is not what was committed.
    error WrongReveal(uint8 seat);

    /// @notice A slice must count at least one update that is not counted yet.
    error NothingToTally(uint256 nextShard);
    /// @notice Updates must come in strictly ascending order of their shards: this one not below `nextShard`.
    error WrongOrder(uint256 shard, uint256 nextShard);
    /// @notice Not the update that was submitted for the shard.
    error WrongUpdate(uint256 shard);
    /// @notice The shard has an update that the slice leaves out.
    error UpdateLeftOut(uint256 shard);
    /// @notice One score string for each revealed verdict, no more and no less.
    error WrongScoreCount(uint256 given, uint256 revealed);
    /// @notice Not the score string that the seat revealed.
    error WrongScores(uint8 seat);

    /// @notice The seat has named its model.
    error AlreadyAttested(uint8 seat);

    /// @notice The term is not this node's, or the round is not a final one of it.
    error WrongClaim(uint64 task, Kind kind, uint16 index, uint32 term, uint32 through);
    /// @notice Nothing of what is claimed pays anything: never earned, or claimed before.
    error NothingToClaim(uint32 node);
}
