// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IHiveErrors} from "./IHiveErrors.sol";
import {IHiveEvents} from "./IHiveEvents.sol";

/// @title IHive
/// @notice Tasks and their rounds: who contributed what, the sum of it, and what it earns.
/// @dev Structs and units are in IHiveTypes, errors in IHiveErrors, events in IHiveEvents.
///
/// A round goes Train, Judge, Reveal, Tally, Attest, Final. A phase ends at its deadline (that second belongs to
/// the next phase already) or at once when its quota is full: Train at `updateQuota` updates, Judge at
/// `verdictQuota` commits, Reveal when every commit is revealed, Tally when every update is counted, Attest at
/// `quorum` equal digests. The next phase starts when the one before ended, whether or not anybody calls.
/// A round is Stalled, and anyone may cancel it, when at a deadline it has fewer than `minUpdates` updates, fewer
/// than `quorum` commits or reveals, an unfinished tally or no quorum of attestations, or at once when its tally
/// accepts fewer than `minUpdates`.
///
/// A term is the time for which a node holds a slot (a shard or a seat). A slot that is in use in an open round stays
/// with its holder until that round is over, so every update and verdict of a final round belongs to one term, and
/// claims go by terms.
///
/// Assumptions: the token is HiveToken or behaves like it (moves what it says, has one balance for each address). A
/// token that takes a fee or calls back is refused when it first comes in. A node is as honest as its stake makes it;
/// a quorum of the seats decides what an update is worth and which model is the next.
///
/// Warning: tokens sent to the hive by a plain transfer belong to nobody and stay. Use `fund`.
interface IHive is IHiveErrors, IHiveEvents {
    // Tasks

    /// @notice Creates a task; the caller is its sponsor.
    /// @dev Anyone may call. Emits TaskCreated. Reverts InvalidConfig, ZeroDigest.
    /// @param spec Digest of the task's specification: what is learned from which shards.
    /// @return taskId The number of the new task.
    function createTask(TaskConfig calldata config, bytes32 spec) external returns (uint64 taskId);

    /// @notice Adds to the escrow of a task.
    /// @dev Anyone may call. Needs an allowance for the hive. Emits TaskFunded. Reverts UnknownTask, ZeroAmount,
    /// WrongTransfer if another amount arrives, or with the token's error.
    ///
    /// Warning: whoever funds, only the sponsor can take escrow back.
    /// @param amount In 1e-18 tokens.
    function fund(uint64 taskId, uint128 amount) external;

    /// @notice Sends escrow that no round has locked to the sponsor.
    /// @dev Sponsor only, at any time. Emits EscrowWithdrawn. Reverts NotSponsor, ZeroAmount, EscrowTooSmall.
    /// @param amount In 1e-18 tokens.
    function withdrawEscrow(uint64 taskId, uint128 amount) external;

    // Shards and seats

    /// @notice Takes a free shard for the caller's node, which may hold several.
    /// @dev Operator of an active node with the TRAIN role and `minStake`. Emits ShardTaken.
    /// Reverts OutOfRange, SlotHeld, NotEligible.
    function takeShard(uint64 taskId, uint16 shardId) external;

    /// @notice Gives a shard up. What its term has earned stays to be claimed.
    /// @dev Operator or owner of the holder. Emits ShardReleased. Reverts SlotFree, NotHolder, and ShardBound from the
    /// shard's update until its round is final or cancelled: so whose an update is follows from who holds the shard.
    function releaseShard(uint64 taskId, uint16 shardId) external;

    /// @notice Reads the holder's operator from the registry anew.
    /// @dev Anyone may call. Emits ShardRefreshed. Reverts SlotFree.
    function refreshShard(uint64 taskId, uint16 shardId) external;

    /// @notice Takes a shard from a holder who is not active any more, or who submitted no update in any of the last
    /// `missLimit` final rounds nor since.
    /// @dev Anyone may call. Emits ShardFreed. Reverts SlotFree, NotFreeable, ShardBound. Cancelled rounds do not
    /// count as missed, nor rounds before the holder came, nor rounds whose train phase ended by its quota: there the
    /// holder may have been slow by seconds, not absent. Such a round among the last `missLimit` keeps the holder in.
    function freeShard(uint64 taskId, uint16 shardId) external;

    /// @notice Takes a free seat for the caller's node; one seat a node and task.
    /// @dev Operator of an active node with the VALIDATE role and `minStake`. Emits SeatTaken.
    /// Reverts OutOfRange, SlotHeld, NotEligible, AlreadySeated.
    function takeSeat(uint64 taskId, uint8 seatId) external;

    /// @notice Gives a seat up. What its term has earned stays to be claimed.
    /// @dev Operator or owner of the holder. Emits SeatReleased. Reverts SlotFree, NotHolder, and SeatBound from the
    /// seat's commit or attestation until its round is final or cancelled: nobody leaves to escape a slash, or to name
    /// a model from another seat too.
    function releaseSeat(uint64 taskId, uint8 seatId) external;

    /// @notice Reads the holder's operator from the registry anew.
    /// @dev Anyone may call. Emits SeatRefreshed. Reverts SlotFree.
    function refreshSeat(uint64 taskId, uint8 seatId) external;

    /// @notice Takes a seat from a holder who is not active any more, or who revealed no verdict in any of the last
    /// `missLimit` final rounds.
    /// @dev Anyone may call. Emits SeatFreed. Reverts SlotFree, NotFreeable, SeatBound. What does not count is as in
    /// `freeShard`: cancelled rounds, earlier rounds, and rounds whose judge phase filled its quota without the seat.
    function freeSeat(uint64 taskId, uint8 seatId) external;

    // Rounds

    /// @notice Opens the next round: locks its reward, fixes its seed and its base model.
    /// @dev Anyone may call. Emits RoundOpened. Reverts UnknownTask, RoundOpen, NoRoundsLeft, EscrowTooSmall.
    ///
    /// Warning: a seed from the chain can be influenced by who proposes the block, one bit for each block skipped.
    /// @return roundId The number of the new round; cancelled rounds keep theirs.
    function openRound(uint64 taskId) external returns (uint32 roundId);

    /// @notice Submits the update of a shard. Only its digest: the content is published once the phase is over.
    /// @dev The operator that the shard knows, in Train. Emits UpdateSubmitted. Reverts NotOperator, WrongPhase,
    /// AlreadySubmitted. Stores keccak256(abi.encode(shard, node, digest, commitment)) with the round in its lowest 32
    /// bits, in the one slot that the shard has for it: a slot that stays in use costs a quarter of a new one.
    /// @param digest Of the update's content.
    /// @param commitment To its vector. Not checked here: validators reject what is no point or does not open.
    function submitUpdate(uint64 taskId, uint32 roundId, uint16 shardId, bytes32 digest, G1 calldata commitment)
        external;

    /// @notice Submits updates of many shards in one transaction, each under a signature of its shard's operator, who
    /// needs no gas of its own then.
    /// @dev Anyone may call, in Train. Emits UpdateSubmitted for each update that counts, the same as if its operator
    /// had called. Reverts WrongPhase, NothingSubmitted. An update that cannot count (expired, not signed by the
    /// shard's operator, there already, beyond the quota) is skipped, so that nobody can make the batch of others
    /// fail.
    ///
    /// The signature is of EIP-712, for SubmitUpdate(uint64 task,uint32 round,uint16 shard,bytes32 digest,bytes
    /// commitment,uint40 expiry), where the commitment is its 96 bytes, under the domain with name "AnomalyHive",
    /// version "1", chainId and verifyingContract (the hive). A shard has one update a round, so a signature serves
    /// once.
    ///
    /// Warning: an operator that is a contract cannot sign; it calls `submitUpdate`.
    /// @return submitted How many of them count.
    function submitUpdates(uint64 taskId, uint32 roundId, SignedUpdate[] calldata updates)
        external
        returns (uint256 submitted);

    /// @notice Commits to a verdict without showing it.
    /// @dev The operator that the seat knows, in Judge. Emits VerdictCommitted. Reverts NotOperator, WrongPhase,
    /// AlreadyCommitted, ZeroHash.
    ///
    /// Warning: a verdict that is committed and not revealed costs `slashAmount` of stake.
    /// @param commitHash keccak256(abi.encode(task, round, node, keccak256(scores), verdict, salt)).
    function commitVerdict(uint64 taskId, uint32 roundId, uint8 seatId, bytes32 commitHash) external;

    /// @notice Shows a committed verdict.
    /// @dev The operator that the seat knows, in Reveal. Emits VerdictRevealed. Reverts NotOperator, WrongPhase,
    /// WrongLength, WrongReveal. Stores keccak256(abi.encode(node, keccak256(scores))).
    /// @param scores One byte a shard: 0 wrong or unavailable, 1 to 255 worth. A shard without an update gets 0 by
    /// convention; its byte is never read, so it is not checked.
    /// @param verdict Digest of the verdict's content.
    /// @param salt 32 bytes that nobody can guess.
    function revealVerdict(
        uint64 taskId,
        uint32 roundId,
        uint8 seatId,
        bytes calldata scores,
        bytes32 verdict,
        bytes32 salt
    ) external;

    /// @notice Counts a slice of the submitted updates, in ascending order of shards, none left out.
    /// @dev Anyone may call, in Tally. Emits UpdatesTallied; RoundTallied if it is the last slice; SeatSlashed for
    /// each committed and unrevealed verdict if it is the first. Reverts WrongPhase, WrongScoreCount, WrongScores,
    /// WrongOrder, WrongUpdate, UpdateLeftOut, NothingToTally.
    ///
    /// The median of an update is the lower median, sorted[(k - 1) / 2], of the k scores of the revealed seats
    /// other than those of its own node; 0 if there are none. It is accepted if that is not 0 and its commitment could
    /// be added. One that cannot be added counts as rejected, median 0, and holds nobody up. A seat deviates by
    /// |score - median| for each update that it judged, and by 255 more if just one of the two is 0; it is paid if its
    /// deviation is at most `tolerance` times the number of updates that it judged.
    /// @param updates A slice of any size. Those that an earlier slice counted are skipped, so that a call does not
    /// fail because somebody else's came first.
    /// @param scores The score strings of all revealed verdicts, in ascending order of seats, the same in every slice.
    function tally(uint64 taskId, uint32 roundId, Update[] calldata updates, bytes[] calldata scores) external;

    /// @notice Names the model that the accepted updates make. Final as soon as `quorum` seats name the same.
    /// @dev The operator that the seat knows, in Attest. Emits ModelAttested, and RoundFinalized with the last one.
    /// Reverts NotOperator, WrongPhase, AlreadyAttested, ZeroDigest.
    /// @param model Digest of the model's content.
    function attestModel(uint64 taskId, uint32 roundId, uint8 seatId, bytes32 model) external;

    /// @notice Ends a round that cannot finish; its whole reward returns to the escrow.
    /// @dev Anyone may call, once Stalled. Emits RoundCancelled, and SeatSlashed for each committed and unrevealed
    /// verdict if the reveal phase is over and no tally has done it. Reverts WrongPhase.
    function cancelRound(uint64 taskId, uint32 roundId) external;

    /// @notice Pays a node's owner for the accepted updates and the paid verdicts of final rounds, in one transfer.
    /// @dev Anyone may call. Emits Claimed for each item that has a round not paid yet. Reverts WrongClaim,
    /// NothingToClaim. An item all of whose rounds are paid is skipped, so that nobody can make a long claim fail by
    /// claiming a part of it first. Nothing expires. An update earns rate * median, a paid seat its share. The cost
    /// grows with the rounds that are paid for, and nothing else.
    function claim(uint32 nodeId, Claim[] calldata claims) external;

    // Views

    /// @notice The token of escrows and rewards.
    function token() external view returns (address);

    /// @notice Where nodes and their stakes are.
    function registry() external view returns (address);

    /// @notice What checks the configuration of a new task: a contract without state.
    function taskRules() external view returns (address);

    /// @notice Whether this chain adds the commitments. False: the sum rests on the quorum of attestations alone.
    function verifySums() external view returns (bool);

    /// @notice How many tasks exist: their numbers are 1 to this.
    function taskCount() external view returns (uint64);

    /// @notice A task. Reverts UnknownTask.
    function task(uint64 taskId) external view returns (TaskView memory);

    /// @notice A round at the present time; all zeros if it does not exist.
    function round(uint64 taskId, uint32 roundId) external view returns (RoundView memory);

    /// @notice The phase at the present time, and the first second after it (0 if none ends it).
    function phaseOf(uint64 taskId, uint32 roundId) external view returns (Phase phase, uint40 deadline);

    /// @notice Who holds a shard.
    function shard(uint64 taskId, uint16 shardId) external view returns (Holder memory);

    /// @notice Who holds a seat.
    function seat(uint64 taskId, uint8 seatId) external view returns (Holder memory);

    /// @notice The seat of a node in a task plus 1; 0: none.
    function seatOf(uint64 taskId, uint32 nodeId) external view returns (uint8);

    /// @notice How many shards and seats a node holds over all tasks.
    function held(uint32 nodeId) external view returns (uint256);

    /// @notice What is stored of the update of a shard, as `submitUpdate` says; 0 if the shard has none in this
    /// round, or has submitted one in a later round.
    function updateHash(uint64 taskId, uint32 roundId, uint16 shardId) external view returns (bytes32);

    /// @notice What is stored of a verdict, as `commitVerdict` or `revealVerdict` says; 0 if the seat has none in this
    /// round, or the round is not the task's latest.
    function verdictHash(uint64 taskId, uint32 roundId, uint8 seatId) external view returns (bytes32);

    /// @notice A term that ended, by its slot and its last final round; all zeros if there is nothing to be known of
    /// it.
    function term(uint64 taskId, Kind kind, uint16 index, uint32 through) external view returns (Term memory);

    /// @notice The median of a tallied update; 0: rejected, not tallied or not submitted.
    function medianOf(uint64 taskId, uint32 roundId, uint16 shardId) external view returns (uint8);

    /// @notice Bit s: seat s named this model.
    function attestations(uint64 taskId, uint32 roundId, bytes32 model) external view returns (uint24);

    /// @notice What an update or a verdict earns, claimed or not, in 1e-18 tokens; 0 until the round is final.
    function earned(uint64 taskId, uint32 roundId, Kind kind, uint16 index) external view returns (uint256);
}
