// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title IHiveTypes
/// @notice What the hive's functions, events and errors speak in.
/// @dev Units: amounts in 1e-18 tokens; times in Unix seconds. Tasks, rounds and nodes are numbered from 1;
/// shards and seats from 0.
interface IHiveTypes {
    /// @notice Where a round stands. Phases only move forward.
    /// @dev None: no such round. Train: trainers submit. Judge: validators commit verdicts. Reveal: they show them.
    /// Tally: anyone has the updates counted. Attest: validators name the model. Final: a quorum named the same one.
    /// Cancelled: the reward went back to the escrow. Stalled: the round missed what it needed at a deadline;
    /// nothing is possible but `cancelRound`, which anyone may call.
    enum Phase {
        None,
        Train,
        Judge,
        Reveal,
        Tally,
        Attest,
        Final,
        Cancelled,
        Stalled
    }

    /// @notice What a claim is paid for: the updates of a shard or the verdicts of a seat.
    enum Kind {
        Update,
        Verdict
    }

    /// @notice The rules of a task; they never change.
    /// @param trainSeconds Length of a phase, 1 second to 30 days; a full quota ends the phase earlier.
    /// @param judgeSeconds See trainSeconds.
    /// @param revealSeconds See trainSeconds.
    /// @param tallySeconds See trainSeconds.
    /// @param attestSeconds See trainSeconds.
    /// @param shards Portions of data, 1 to 1024; one update a shard and round.
    /// @param updateQuota So many updates end the train phase; 0: none but the deadline does.
    /// @param minUpdates Fewer submitted or accepted updates stall the round; at least 1.
    /// @param seats Places for validators, 1 to 20.
    /// @param quorum Verdicts and equal attestations that a round needs: more than half of the seats.
    /// @param verdictQuota So many commits end the judge phase; 0: none but the deadline does.
    /// @param missLimit A holder that missed so many finalized rounds in a row may be replaced; 0: never for that.
    /// @param tolerance Largest mean deviation from the median, per judged update, of a validator that is paid.
    /// @param reward For one round, in 1e-18 tokens; below 2^88 (309 million tokens), so that all that a claim needs to
    /// know of a round fits one slot.
    /// @param minStake What a node needs to hold a shard or a seat, in 1e-18 tokens.
    /// @param trainerBps The trainers' part of the reward in 1/10000; the rest is the validators'.
    /// @param rounds How many rounds may become final; 0: no limit.
    /// @param slashAmount Burned for a verdict that was committed and not revealed, in 1e-18 tokens; at most minStake.
    /// @param seed Not 0: the seed of round r is keccak256(abi.encode(seed, r)), so that a run can be repeated.
    /// 0: it comes from the chain when the round opens, and nobody knows it before.
    struct TaskConfig {
        uint32 trainSeconds;
        uint32 judgeSeconds;
        uint32 revealSeconds;
        uint32 tallySeconds;
        uint32 attestSeconds;
        uint16 shards;
        uint16 updateQuota;
        uint16 minUpdates;
        uint8 seats;
        uint8 quorum;
        uint8 verdictQuota;
        uint8 missLimit;
        uint8 tolerance;
        uint96 reward;
        uint96 minStake;
        uint16 trainerBps;
        uint32 rounds;
        uint96 slashAmount;
        bytes32 seed;
    }

    /// @notice A point of BLS12-381 G1: the 96 bytes x || y, big-endian; all zeros is infinity.
    struct G1 {
        bytes32 a;
        bytes32 b;
        bytes32 c;
    }

    /// @notice What a trainer submitted, as the tally needs it again.
    struct Update {
        uint16 shard;
        uint32 node;
        bytes32 digest;
        G1 commitment;
    }

    /// @notice What an operator signed for somebody else to submit.
    /// @param shard Whose operator signed.
    /// @param expiry First second at which the signature is void.
    /// @param digest Of the update's content.
    /// @param commitment To its vector.
    /// @param r First half of the signature.
    /// @param vs Second half with the parity in its highest bit (EIP-2098).
    struct SignedUpdate {
        uint16 shard;
        uint40 expiry;
        bytes32 digest;
        G1 commitment;
        bytes32 r;
        bytes32 vs;
    }

    /// @notice A run of final rounds to be paid for: those of one term of a slot that were not paid yet, up to one.
    /// @param kind Updates of a shard or verdicts of a seat.
    /// @param index The shard or the seat.
    /// @param term 0: the term of the present holder. Else the last final round of a term that ended.
    /// @param through The last final round to pay for; 0: as far as possible. Rounds before it that were not paid yet
    /// are paid with it, so a smaller one cuts a long claim into several.
    // Never stored: its fields stand in the order in which one speaks of them.
    // solhint-disable-next-line gas-struct-packing
    struct Claim {
        uint64 task;
        Kind kind;
        uint16 index;
        uint32 term;
        uint32 through;
    }

    /// @notice Who holds a shard or a seat: a term that has not ended.
    /// @param operator The key that may act in the slot: a copy, see INodeRegistry.rotateOperator. Zero: free.
    /// @param node The holder.
    /// @param since The task's latest round when the slot was taken; only later rounds can be missed.
    /// @param paidThrough Final rounds up to this one are paid, or are not this holder's.
    struct Holder {
        address operator;
        uint32 node;
        uint32 since;
        uint32 paidThrough;
    }

    /// @notice A term that ended: who held a shard or a seat, and which final rounds are still to be paid.
    /// @param node The holder; 0: no such term, or it ended with nothing to be paid.
    /// @param paidThrough Final rounds up to this one are paid, or are not this holder's.
    /// @param through The last final round of the term.
    struct Term {
        uint32 node;
        uint32 paidThrough;
        uint32 through;
    }

    /// @notice A task as it stands.
    /// @param head Digest of the model of the last final round; 0 before the first.
    /// @param escrow What no round has locked, in 1e-18 tokens.
    /// @param latestRound The last round that was opened; 0 before the first.
    /// @param lastFinal The last round that became final; 0 before the first.
    /// @param finals How many rounds became final.
    struct TaskView {
        address sponsor;
        bytes32 spec;
        bytes32 head;
        uint128 escrow;
        uint32 latestRound;
        uint32 lastFinal;
        uint32 finals;
        TaskConfig config;
    }

    /// @notice A round as it stands at the present time.
    /// @param phase As `phaseOf` gives it.
    /// @param deadline First second that is after the phase; 0 once nothing more can end it.
    /// @param seed What `propose` draws from.
    /// @param base Digest of the model that the round starts from; 0: the task's genesis model.
    /// @param model Digest of the model that the round made; 0 until it is final.
    /// @param baseRound The final round that made the base; 0: none.
    /// @param submitted Updates submitted.
    /// @param tallied Updates counted so far.
    /// @param accepted Updates accepted so far.
    /// @param nextShard Shards below are dealt with; the next slice of the tally goes on here.
    /// @param committed Bit s: seat s committed a verdict.
    /// @param revealed Bit s: seat s revealed it.
    /// @param attested Bit s: seat s named a model.
    /// @param paid Bit s: seat s earns a share; 0 until tallied.
    /// @param worth Sum of the medians of the updates accepted so far.
    /// @param rate What an update earns per unit of its median, in 1e-18 tokens; 0 until tallied.
    /// @param share What each paid seat earns, in 1e-18 tokens; 0 until tallied.
    // Never stored, as above.
    // solhint-disable-next-line gas-struct-packing
    struct RoundView {
        Phase phase;
        uint40 deadline;
        bytes32 seed;
        bytes32 base;
        bytes32 model;
        uint32 baseRound;
        uint16 submitted;
        uint16 tallied;
        uint16 accepted;
        uint16 nextShard;
        uint24 committed;
        uint24 revealed;
        uint24 attested;
        uint24 paid;
        uint24 worth;
        uint88 rate;
        uint88 share;
    }
}
