// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IHive} from "../interfaces/IHive.sol";
import {Bits} from "../libraries/Bits.sol";
import {G1Sum} from "../libraries/G1Sum.sol";
import {Hashes} from "../libraries/Hashes.sol";
import {Jury} from "../libraries/Jury.sol";
import {Progress} from "../libraries/ProgressBits.sol";
import {Slashing} from "./Slashing.sol";

/// @title Tally
/// @notice The arithmetic that decides money: medians, acceptance, the sum of commitments, who is paid how much.
abstract contract Tally is Slashing {
    using Bits for uint24;
    using Jury for Jury.Judges;

    /// @dev A slice in progress.
    /// @param sum Buffer of G1Sum.
    /// @param first Shard of the first byte of `medians`: where the word of the first shard begins.
    /// @param next Shards below are dealt with.
    /// @param last Whether the slice has all updates that are left.
    struct Slice {
        bytes32[8] sum;
        bytes medians;
        uint256 first;
        uint256 next;
        uint256 tallied;
        uint256 accepted;
        uint256 worth;
        uint256 tolerance;
        bool last;
    }

    // Tally

    /// @inheritdoc IHive
    function tally(uint64 taskId, uint32 roundId, Update[] calldata updates, bytes[] calldata scores) external {
        TaskState storage t = _tasks[taskId];
        RoundState storage r = t.rounds[roundId];
        Progress p = _inPhase(t, r, Phase.Tally);
        bool isFirst = p.tallied() == 0;
        Jury.Judges memory judges = _callJudges(t, r, p, scores);
        Slice memory s = _begin(t, r, p);
        _count(r, s, judges, updates, p.submitted());
        p = p.withCounts(s.tallied, s.accepted, s.next);
        _storeMedians(taskId, roundId, r, s);
        if (s.last) {
            p = _settle(taskId, roundId, p, s, judges);
        } else {
            _pause(r, s, judges);
        }
        r.progress = p;
        if (isFirst) _slashUnrevealed(taskId, roundId, p);
    }

    // Beginning a slice

    function _callJudges(TaskState storage t, RoundState storage r, Progress p, bytes[] calldata scores)
        private
        view
        returns (Jury.Judges memory judges)
    {
        uint256 n = p.revealed().count();
        if (scores.length != n) revert WrongScoreCount(scores.length, n);
        judges = Jury.empty(n);
        uint256 i = 0;
        for (uint8 seatId = 0; i < n; ++seatId) {
            if (!p.revealed().has(seatId)) continue;
            // A seat with a commit is bound to its node, so the holder is who judged.
            uint32 nodeId = t.seats[seatId].node;
            if (r.verdicts[seatId] != Hashes.ofVerdict(nodeId, keccak256(scores[i]))) revert WrongScores(seatId);
            judges.seat(i, seatId, nodeId, scores[i]);
            ++i;
        }
        if (p.tallied() != 0) judges.resume(r.running.margins);
    }

    function _begin(TaskState storage t, RoundState storage r, Progress p)
        private
        view
        returns (Slice memory s)
    {
        s.tallied = p.tallied();
        s.accepted = p.accepted();
        s.next = p.nextShard();
        s.first = s.next & ~uint256(31);
        s.tolerance = t.config.tolerance;
        // Zeroed up to a whole word, as `_storeMedians` reads whole words.
        s.medians = new bytes(t.config.shards - s.first);
        if (s.tallied == 0) return s;
        s.worth = r.pay.worth;
        G1Sum.resume(s.sum, r.running.sum);
        bytes memory medians = s.medians;
        bytes32 begun = r.medians[s.first >> 5];
        // Assembly: a byte array has no other way to take a word.
        assembly ("memory-safe") {
            if mload(medians) { mstore(add(medians, 32), begun) }
        }
    }

    // Counting

    function _count(
        RoundState storage r,
        Slice memory s,
        Jury.Judges memory judges,
        Update[] calldata updates,
        uint256 submitted
    ) private view {
        uint256 i = 0;
        while (i < updates.length && updates[i].shard < s.next) ++i;
        if (i == updates.length) revert NothingToTally(uint16(s.next));
        uint256 begin = i;
        // INVARIANT: no update is left out. Shards ascend and each counted one has a stored hash, so as many as were
        // submitted are all of them; where more slices follow, each shard passed over is looked at.
        s.last = s.tallied + (updates.length - i) >= submitted;
        for (; i < updates.length; ++i) {
            Update calldata u = updates[i];
            uint16 shardId = u.shard;
            if (i != begin && shardId < s.next) revert WrongOrder(shardId, uint16(s.next - 1));
            bytes32 stored = r.updates[shardId];
            if (stored != Hashes.ofUpdate(u.node, u.digest, Hashes.ofCommitment(u.commitment))) {
                revert WrongUpdate(shardId);
            }
            if (!s.last) _requireNoneBetween(r, s.next, shardId);
            s.next = uint256(shardId) + 1;
            _judge(s, judges, u, shardId);
        }
        s.tallied += updates.length - begin;
    }

    function _requireNoneBetween(RoundState storage r, uint256 from, uint256 to) private view {
        for (; from < to; ++from) if (r.updates[uint16(from)] != 0) revert UpdateLeftOut(uint16(from));
    }

    function _judge(Slice memory s, Jury.Judges memory judges, Update calldata u, uint256 shardId) private view {
        uint256 median = judges.median(u.node, shardId);
        // INVARIANT: accepted if and only if the recorded median is not 0, and what is accepted is in the sum.
        // A commitment that is no point makes its own update rejected, never the tally fail.
        if (median != 0 && verifySums && !G1Sum.add(s.sum, u.commitment)) median = 0;
        judges.compare(u.node, shardId, median, s.tolerance);
        if (median == 0) return;
        unchecked {
            // At most 1024 updates of at most 255.
            ++s.accepted;
            s.worth += median;
        }
        s.medians[shardId - s.first] = bytes1(uint8(median));
    }

    // Ending a slice

    function _storeMedians(uint64 taskId, uint32 roundId, RoundState storage r, Slice memory s) private {
        bytes memory medians = s.medians;
        uint256 length = s.next - s.first;
        for (uint256 at = 0; at < length; at += 32) {
            bytes32 word;
            assembly ("memory-safe") {
                word := mload(add(add(medians, 32), at))
            }
            if (word != 0) r.medians[(s.first + at) >> 5] = word;
        }
        // Assembly: cuts the array, which was made for the whole task, to what was counted.
        assembly ("memory-safe") {
            mstore(medians, length)
        }
        emit UpdatesTallied(taskId, roundId, uint16(s.first), medians);
    }

    function _pause(RoundState storage r, Slice memory s, Jury.Judges memory judges) private {
        r.pay.worth = uint24(s.worth);
        r.running.sum = G1Sum.compact(s.sum);
        r.running.margins = judges.packed();
    }

    function _settle(
        uint64 taskId,
        uint32 roundId,
        Progress p,
        Slice memory s,
        Jury.Judges memory judges
    ) private returns (Progress) {
        TaskState storage t = _tasks[taskId];
        RoundState storage r = t.rounds[roundId];
        delete r.running;
        Pay memory pay = _shares(t, s.worth, judges.paid());
        r.pay = pay;
        G1 memory sum = G1Sum.compact(s.sum);
        emit RoundTallied(taskId, roundId, p.accepted(), pay.worth, pay.rate, pay.share, pay.paid, sum);
        if (s.accepted < t.config.minUpdates) return p.enter(Phase.Stalled, 0);
        return p.enter(Phase.Attest, block.timestamp + t.config.attestSeconds);
    }

    /// @dev INVARIANT: rate * worth <= the trainers' part and share * seats <= the validators' part: every
    /// division rounds down, and what is left returns to the escrow when the round is final.
    function _shares(TaskState storage t, uint256 worth, uint24 paid) private view returns (Pay memory pay) {
        uint256 reward = t.config.reward;
        uint256 trainers = (reward * t.config.trainerBps) / 10_000;
        uint256 seats = paid.count();
        if (worth != 0) pay.rate = uint96(trainers / worth);
        if (seats != 0) pay.share = uint96((reward - trainers) / seats);
        pay.paid = paid;
        pay.worth = uint24(worth);
    }
}
