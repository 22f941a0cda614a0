// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Bits} from "./Bits.sol";
import {Lanes} from "./Lanes.sol";

/// @title Jury
/// @notice The revealed verdicts of a round: the medians of 32 shards at a time, and how far each judge strays from them.
library Jury {
    using Bits for uint24;

    /// @param nodeId Whose verdict it is.
    /// @param offset Where in calldata the scores begin.
    /// @param strayed The deviation so far. An update of the judge's own adds `tolerance`: as if it had been judged, and
    /// strayed from by just what is tolerated.
    /// @param word The judge's scores for the shards of the block at hand.
    /// @param recused Byte k is 1 if the judge does not count at the block's place k.
    struct Judge {
        uint256 nodeId;
        uint256 offset;
        uint256 strayed;
        uint256 word;
        uint256 recused;
    }

    /// @param judges By ascending seat.
    /// @param panel What Lanes.medians takes.
    /// @param hints Bit nodeId % 256 is set for each judge: where it is not, no judge needs to be asked.
    struct Bench {
        Judge[] judges;
        uint256[] panel;
        uint256 hints;
    }

    // Setting up

    /// @notice A bench of `n` judges, 1 to 20, who have judged nothing yet.
    function open(uint256 n) internal pure returns (Bench memory bench) {
        bench.judges = new Judge[](n);
        bench.panel = new uint256[](2 * n);
    }

    /// @notice Seats judge number `i`, whose scores have been checked.
    function seat(Bench memory bench, uint256 i, uint32 nodeId, bytes calldata scores) internal pure {
        uint256 offset;
        assembly ("memory-safe") {
            offset := scores.offset
        }
        bench.judges[i].nodeId = nodeId;
        bench.judges[i].offset = offset;
        bench.hints |= 1 << (nodeId & 255);
    }

    // Judging a block: 32 shards, the first of them a multiple of 32

    /// @notice Turns to a block: reads the scores of its shards.
    /// @dev In the last block this may read past the end of a score string: those shards have no update to count.
    function turnTo(Bench memory bench, uint256 blockId) internal pure {
        Judge[] memory judges = bench.judges;
        uint256[] memory panel = bench.panel;
        for (uint256 i = 0; i < judges.length; ++i) {
            Judge memory judge = judges[i];
            uint256 offset = judge.offset;
            uint256 word;
            assembly ("memory-safe") {
                word := calldataload(add(offset, shl(5, blockId)))
            }
            (judge.word, judge.recused) = (word, 0);
            (uint256 even, uint256 odd) = Lanes.spread(word);
            (panel[2 * i], panel[2 * i + 1]) = (Lanes.guarded(even), Lanes.guarded(odd));
        }
    }

    /// @notice Keeps the node that an update is of from judging it.
    /// @dev INVARIANT: nobody judges their own update. A node has one seat, so one score at most falls out. Instead of
    /// taking it out, which would leave the lanes with different numbers of scores, it becomes the lowest of an odd
    /// number or the highest of an even: the lower median of the n stands where that of the n - 1 others does.
    /// @param place 0 to 31, the update's place in the block.
    function recuse(Bench memory bench, uint256 nodeId, uint256 place, uint256 tolerance) internal pure {
        if ((bench.hints >> (nodeId & 255)) & 1 == 0) return;
        uint256 n = bench.judges.length;
        for (uint256 i = 0; i < n; ++i) {
            Judge memory judge = bench.judges[i];
            if (judge.nodeId != nodeId) continue;
            judge.strayed += tolerance;
            judge.recused |= 1 << (248 - 8 * place);
            // Byte 0 of a word is its highest, so the highest lane has places 0 and 1.
            uint256 lane = uint256(255) << (240 - 16 * (place >> 1));
            uint256 at = 2 * i + (place & 1);
            bench.panel[at] = n & 1 == 1 ? bench.panel[at] & ~lane : bench.panel[at] | lane;
        }
    }

    /// @notice The medians of the block's shards: byte i of the word is that of place i.
    function medians(Bench memory bench) internal pure returns (uint256) {
        (uint256 even, uint256 odd) = Lanes.medians(bench.panel);
        return Lanes.join(even, odd);
    }

    /// @notice Holds every judge's scores against the recorded medians.
    /// @param recorded Byte i is the median of place i.
    /// @param tallied Byte i is 1 if an update was tallied there, else 0.
    function compare(Bench memory bench, uint256 recorded, uint256 tallied) internal pure {
        (uint256 evenValues, uint256 oddValues) = Lanes.spread(recorded);
        Judge[] memory judges = bench.judges;
        unchecked {
            for (uint256 i = 0; i < judges.length; ++i) {
                Judge memory judge = judges[i];
                uint256 counts = tallied & ~judge.recused;
                // Who agrees strays by nothing: the rule among the honest, and a third of what a judge costs.
                if ((judge.word ^ recorded) & (counts * 255) == 0) continue;
                (uint256 evenScores, uint256 oddScores) = Lanes.spread(judge.word);
                (uint256 evenCounts, uint256 oddCounts) = Lanes.spread(counts);
                judge.strayed += Lanes.distance(evenScores, evenValues, evenCounts)
                    + Lanes.distance(oddScores, oddValues, oddCounts);
            }
        }
    }

    // Results

    /// @notice The seats that strayed by no more than `allowed` = tolerance * number of updates tallied.
    /// @param revealed The seats of the judges.
    function paid(Bench memory bench, uint24 revealed, uint256 allowed) internal pure returns (uint24 set) {
        uint256 i = 0;
        for (uint256 seatId = 0; revealed >> seatId != 0; ++seatId) {
            if (revealed.has(seatId) && bench.judges[i++].strayed <= allowed) set = set.with(seatId);
        }
    }

    /// @notice The deviations in 32 bits each, to be stored between two slices.
    /// @dev At most 1024 updates of at most 510 each: 20 bits.
    function packed(Bench memory bench) internal pure returns (uint256[3] memory words) {
        for (uint256 i = 0; i < bench.judges.length; ++i) words[i / 8] |= bench.judges[i].strayed << (32 * (i % 8));
    }

    /// @notice Goes on from stored deviations.
    function resume(Bench memory bench, uint256[3] memory words) internal pure {
        for (uint256 i = 0; i < bench.judges.length; ++i) {
            bench.judges[i].strayed = (words[i / 8] >> (32 * (i % 8))) & type(uint32).max;
        }
    }
}
