// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IHive} from "../interfaces/IHive.sol";
import {Bits} from "../libraries/Bits.sol";
import {G1Sum} from "../libraries/G1Sum.sol";
import {Hashes} from "../libraries/Hashes.sol";
import {Jury} from "../libraries/Jury.sol";
import {Lanes} from "../libraries/Lanes.sol";
import {Progress} from "../libraries/ProgressBits.sol";
import {Shares} from "../libraries/Shares.sol";
import {Updates} from "../libraries/Updates.sol";
import {Slashing} from "./Slashing.sol";

/// @title Tally
/// @notice The arithmetic that decides money: medians, acceptance, the sum of commitments, who is paid how much.
abstract contract Tally is Slashing {
    using Bits for uint24;
    using Jury for Jury.Bench;

    /// @dev A slice in progress.
    /// @param sum Buffer of G1Sum.
    /// @param medians Byte i is the median of shard `first` + i; as long as what is left of the task.
    /// @param first First shard of the block of 32 shards in which the slice begins.
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
        uint32 roundId;
        bool last;
    }

    // Tally

    /// @inheritdoc IHive
    function tally(uint64 taskId, uint32 roundId, Update[] calldata updates, bytes[] calldata scores) external {
        TaskState storage t = _tasks[taskId];
        RoundState storage r = t.rounds[roundId];
        Progress p = _inPhase(t, r, Phase.Tally);
        // A count that begins at 0.
        // slither-disable-next-line incorrect-equality
        bool isFirst = p.tallied() == 0;
        Jury.Bench memory bench = _callJury(t, r, p, scores);
        Slice memory s = _begin(t, r, p);
        s.roundId = roundId;
        _count(t, s, bench, updates, p.submitted());
        p = p.withCounts(s.tallied, s.accepted, s.next);
        emit UpdatesTallied(taskId, roundId, uint16(s.first), s.medians);
        if (s.last) {
            if (!isFirst) delete r.running;
            p = _settle(taskId, roundId, p, s, bench);
        } else {
            _pause(r, s, bench);
        }
        r.progress = p;
        if (isFirst) _slashUnrevealed(taskId, roundId, p);
    }

    // Beginning a slice

    function _callJury(TaskState storage t, RoundState storage r, Progress p, bytes[] calldata scores)
        private
        view
        returns (Jury.Bench memory bench)
    {
        uint24 revealed = p.revealed();
        uint256 n = revealed.count();
        if (scores.length != n) revert WrongScoreCount(scores.length, n);
        bench = Jury.open(n);
        uint256 i = 0;
        for (uint8 seatId = 0; i < n; ++seatId) {
            if (!revealed.has(seatId)) continue;
            // A seat with a commit is bound to its node, so the holder is who judged.
            uint32 nodeId = _seat(t, seatId).node;
            if (t.verdicts[seatId] != Hashes.ofVerdict(nodeId, keccak256(scores[i]))) revert WrongScores(seatId);
            bench.seat(i, nodeId, scores[i]);
            ++i;
        }
        if (p.tallied() != 0) bench.resume(r.running.strayed);
    }

    function _begin(TaskState storage t, RoundState storage r, Progress p) private view returns (Slice memory s) {
        s.tallied = p.tallied();
        s.accepted = p.accepted();
        s.next = p.nextShard();
        s.first = s.next & ~uint256(31);
        s.tolerance = t.config.tolerance;
        s.medians = new bytes(t.config.shards - s.first);
        // A count that begins at 0.
        // slither-disable-next-line incorrect-equality
        if (s.tallied == 0) return s;
        s.worth = r.pay.worth;
        G1Sum.resume(s.sum, r.running.sum);
        // The slice may count nothing more in the block that it begins in; its event tells that block's medians still.
        bytes memory medians = s.medians;
        bytes32 begun = r.medians[s.first >> 5];
        // Assembly: writes a whole word, which the memory of an array that is not empty has room for.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            if mload(medians) { mstore(add(medians, 32), begun) }
        }
    }

    // Counting

    function _count(
        TaskState storage t,
        Slice memory s,
        Jury.Bench memory bench,
        Update[] calldata updates,
        uint256 submitted
    ) private {
        (uint256 at, uint256 end) = Updates.range(updates);
        while (at < end && Updates.shardAt(at) < s.next) at = Updates.after_(at);
        if (at == end) revert NothingToTally(s.next);
        s.tallied += (end - at) / Updates.SIZE;
        // INVARIANT: no update is left out. Shards ascend and each one counted has a stored hash, so as many as were
        // submitted are all of them; where more slices follow, each shard passed over is looked at.
        s.last = s.tallied >= submitted;
        while (at < end) {
            uint256 blockId = Updates.shardAt(at) >> 5;
            bench.turnTo(blockId);
            (uint256 to, uint256 tallied, uint256 nodes) = _check(t, s, at, end);
            if (nodes & bench.hints != 0) _recuse(bench, at, to, s.tolerance);
            uint256 recorded = _add(s, bench.ones, at, to, bench.medians() & (tallied * 255));
            bench.compare(recorded, tallied);
            _record(t.rounds[s.roundId], s, blockId, recorded);
            at = to;
        }
        bytes memory medians = s.medians;
        uint256 length = s.next - s.first;
        // Assembly: cuts the array, which was made for all that is left of the task, to what was counted.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(medians, length)
        }
    }

    /// @notice Checks the updates from `at` on that lie in the same block.
    /// @return to Where the first one after them is.
    /// @return tallied Byte k is 1 if the block's shard number k is among them.
    /// @return nodes Bit nodeId % 256 is set for the node of each.
    function _check(TaskState storage t, Slice memory s, uint256 at, uint256 end)
        private
        view
        returns (uint256 to, uint256 tallied, uint256 nodes)
    {
        uint256 next = s.next;
        uint256 bound = Updates.shardAt(at) | 31;
        for (; at < end; at = Updates.after_(at)) {
            uint256 shardId = Updates.shardAt(at);
            if (shardId < next) revert WrongOrder(shardId, next);
            if (shardId > bound) break;
            if (t.updates[shardId] != Hashes.tagged(Updates.hashAt(at), s.roundId)) revert WrongUpdate(shardId);
            if (!s.last) _requireNoneBetween(t, s.roundId, next, shardId);
            unchecked {
                next = shardId + 1;
                tallied |= 1 << ((~shardId & 31) << 3);
                nodes |= 1 << (Updates.nodeAt(at) & 255);
            }
        }
        s.next = next;
        to = at;
    }

    /// @dev Keeps judges from judging the updates of their own nodes.
    function _recuse(Jury.Bench memory bench, uint256 at, uint256 end, uint256 tolerance) private pure {
        for (; at < end; at = Updates.after_(at)) bench.recuse(Updates.nodeAt(at), Updates.shardAt(at) & 31, tolerance);
    }

    function _requireNoneBetween(TaskState storage t, uint32 roundId, uint256 from, uint256 to) private view {
        for (; from < to; ++from) if (_isOf(t.updates[from], roundId)) revert UpdateLeftOut(from);
    }

    /// @notice Adds up the commitments of what has a median.
    /// @dev INVARIANT: accepted if and only if the recorded median is not 0, and what is accepted is in the sum. A
    /// commitment that is no point makes its own update rejected, never the tally fail.
    /// @param medians Byte k is the median of the block's shard number k; 0 where there is no update.
    /// @return recorded The same, with 0 for what could not be added.
    function _add(Slice memory s, uint256 ones, uint256 at, uint256 end, uint256 medians)
        private
        view
        returns (uint256 recorded)
    {
        bytes32[8] memory sum = s.sum;
        recorded = medians;
        if (verifySums) {
            for (; at < end; at = Updates.after_(at)) {
                uint256 place = Updates.shardAt(at) & 31;
                // 0 is the one median that rejects.
                // slither-disable-next-line incorrect-equality
                if (Lanes.byteAt(medians, place) == 0 || G1Sum.add(sum, Updates.commitmentAt(at))) continue;
                recorded &= ~(uint256(255) << (248 - 8 * place));
            }
        }
        (uint256 accepted, uint256 worth) = Lanes.total(recorded, ones);
        s.accepted += accepted;
        s.worth += worth;
    }

    /// @dev An earlier slice may have recorded other shards of the block.
    function _record(RoundState storage r, Slice memory s, uint256 blockId, uint256 recorded) private {
        bytes32 word = r.medians[blockId] | bytes32(recorded);
        if (recorded != 0) r.medians[blockId] = word;
        bytes memory medians = s.medians;
        uint256 place = 32 * blockId - s.first;
        // Assembly: writes a whole word. Memory of a byte array goes to the end of its last word, and the block lies in
        // the task, because an update was submitted in it.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(add(add(medians, 32), place), word)
        }
    }

    // Ending a slice

    function _pause(RoundState storage r, Slice memory s, Jury.Bench memory bench) private {
        r.pay.worth = uint24(s.worth);
        r.running.sum = G1Sum.compact(s.sum);
        r.running.strayed = bench.packed();
    }

    function _settle(
        uint64 taskId,
        uint32 roundId,
        Progress p,
        Slice memory s,
        Jury.Bench memory bench
    ) private returns (Progress) {
        TaskState storage t = _tasks[taskId];
        RoundState storage r = t.rounds[roundId];
        uint24 paid = bench.paid(p.revealed(), s.tolerance * s.tallied);
        (uint88 rate, uint88 share) = Shares.split(t.config.reward, t.config.trainerBps, s.worth, paid.count());
        uint24 worth = uint24(s.worth);
        r.pay = Pay({rate: rate, share: share, paid: paid, worth: worth, parent: 0});
        G1 memory sum = G1Sum.compact(s.sum);
        emit RoundTallied(taskId, roundId, p.accepted(), worth, rate, share, paid, sum);
        if (s.accepted < t.config.minUpdates) return p.enter(Phase.Stalled, 0);
        return p.enter(Phase.Attest, block.timestamp + t.config.attestSeconds);
    }
}
