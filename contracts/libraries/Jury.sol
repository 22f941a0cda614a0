// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Bits} from "./Bits.sol";
import {Lanes} from "./Lanes.sol";

/// @title Jury
/// @notice The revealed verdicts of a round: the medians of 32 shards at a time, and how far each judge strays from
/// them.
library Jury {
    using Bits for uint24;

    /// @param nodeId Whose verdict it is.
    /// @param offset Where in calldata the scores begin.
    /// @param strayed The deviation so far. An update of the judge's own adds `tolerance`: as if it had been judged,
    /// and strayed from by just what is tolerated.
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
    /// @param panel What Lanes.medians takes: for an odd number of judges there is one more, who gives nothing but 0.
    /// @param hints Bit nodeId % 256 is set for each judge: where it is not, no judge needs to be asked.
    /// @param differs 0 if all judges give the block at hand the same scores and none is recused in it.
    /// @param ones Lanes.ONES, kept where loops have it for less than a literal of 32 bytes costs them.
    struct Bench {
        Judge[] judges;
        uint256[] panel;
        uint256 hints;
        uint256 differs;
        uint256 ones;
    }

    // Setting up

    /// @notice A bench of `n` judges, 1 to 20, who have judged nothing yet.
    function open(uint256 n) internal pure returns (Bench memory bench) {
        bench.judges = new Judge[](n);
        bench.ones = Lanes.ONES;
        // An even number of judges: a last one who gives nothing but 0 changes no count of those who reach a median.
        bench.panel = new uint256[](2 * (n + (n & 1)));
        bench.panel[bench.panel.length - 2] = bench.ones << 8;
        bench.panel[bench.panel.length - 1] = bench.ones << 8;
    }

    /// @notice Seats judge number `i`, whose scores have been checked.
    function seat(Bench memory bench, uint256 i, uint32 nodeId, bytes calldata scores) internal pure {
        uint256 offset;
        // Assembly: the place of a byte string in calldata, which Solidity does not tell otherwise.
        // solhint-disable-next-line no-inline-assembly
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
        uint256 ones = bench.ones;
        uint256 differs = 0;
        // Assembly: a loop over all judges for every block, without a check of an index.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            // As Lanes.spread and Lanes.guarded, with the fields of each judge by their places.
            let low := mul(ones, 0xff)
            let guards := shl(8, ones)
            let place := shl(5, blockId)
            let to := add(panel, 32)
            let first := calldataload(add(mload(add(mload(add(judges, 32)), 32)), place))
            let end := add(judges, shl(5, mload(judges)))
            for { let at := judges } lt(at, end) {} {
                at := add(at, 32)
                let judge := mload(at)
                let word := calldataload(add(mload(add(judge, 32)), place))
                mstore(add(judge, 96), word)
                mstore(add(judge, 128), 0)
                mstore(to, or(and(shr(8, word), low), guards))
                mstore(add(to, 32), or(and(word, low), guards))
                to := add(to, 64)
                differs := or(differs, xor(word, first))
            }
        }
        bench.differs = differs;
    }

    /// @notice Keeps the node that an update is of from judging it.
    /// @dev INVARIANT: nobody judges their own update. A node has one seat, so one score at most falls out. Instead of
    /// taking it out, which would leave the lanes with different numbers of scores, it becomes the lowest of an odd
    /// number or the highest of an even: the lower median of the n stands where that of the n - 1 others does.
    /// @param place 0 to 31, the update's place in the block.
    function recuse(Bench memory bench, uint256 nodeId, uint256 place, uint256 tolerance) internal pure {
        uint256 n = bench.judges.length;
        for (uint256 i = 0; i < n; ++i) {
            Judge memory judge = bench.judges[i];
            if (judge.nodeId != nodeId) continue;
            bench.differs = 1;
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
        // Where all agree, the median of any of them is what they say.
        if (bench.differs == 0) return bench.judges[0].word;
        (uint256 even, uint256 odd) = Lanes.medians(bench.panel, bench.judges.length, bench.ones);
        return Lanes.join(even, odd);
    }

    /// @notice Holds every judge's scores against the recorded medians.
    /// @param recorded Byte i is the median of place i.
    /// @param tallied Byte i is 1 if an update was tallied there, else 0.
    function compare(Bench memory bench, uint256 recorded, uint256 tallied) internal pure {
        uint256 ones = bench.ones;
        uint256 evenValues = Lanes.raised((recorded >> 8) & (ones * 255), ones);
        uint256 oddValues = Lanes.raised(recorded & (ones * 255), ones);
        Judge[] memory judges = bench.judges;
        uint256 n = judges.length;
        unchecked {
            for (uint256 i = 0; i < n; ++i) {
                Judge memory judge = judges[i];
                uint256 counts = tallied & ~judge.recused;
                uint256 word = judge.word;
                // Who agrees strays by nothing: the rule among the honest.
                if ((word ^ recorded) & (counts * 255) == 0) continue;
                judge.strayed += Lanes.distance((word >> 8) & (ones * 255), evenValues, (counts >> 8) & ones, ones)
                    + Lanes.distance(word & (ones * 255), oddValues, counts & ones, ones);
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
