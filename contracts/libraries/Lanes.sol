// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title Lanes
/// @notice The scores of 32 shards, worked on all at once: 16 of them in the 16 lanes of 16 bits of each of two words.
/// @dev SIMD within a register (Lamport, "Multiple byte processing with full-word instructions", CACM 18(8), 1975). A
/// loop over the judges is paid once for 32 updates instead of once for each.
///
/// A score takes the low 8 bits of its lane. Bit 8 is its guard: subtracting a value from a lane whose guard is set
/// leaves the guard set if and only if the score was at least the value, and never borrows from the next lane.
/// Nothing here overflows a lane: each function says how large it gets.
library Lanes {
    /// @dev The lowest bit of each lane.
    uint256 internal constant ONES = 0x0001000100010001000100010001000100010001000100010001000100010001;

    /// @notice The word of which one word has bytes 0, 2, 4, ... in its lanes, another bytes 1, 3, 5, ...
    function join(uint256 even, uint256 odd) internal pure returns (uint256 word) {
        return (even << 8) | odd;
    }

    /// @notice Byte `i` of a word, the highest being number 0.
    function byteAt(uint256 word, uint256 i) internal pure returns (uint256 value) {
        // Assembly: BYTE is one instruction, and Solidity has no name for it.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            value := byte(i, word)
        }
    }

    /// @notice How many bytes of a word are not 0, and their sum.
    /// @param ones ONES.
    function total(uint256 word, uint256 ones) internal pure returns (uint256 count, uint256 sum) {
        unchecked {
            (uint256 even, uint256 odd) = ((word >> 8) & (ones * 255), word & (ones * 255));
            // Multiplying by ONES adds all lanes up in the highest.
            count = ((_positive(even, ones) + _positive(odd, ones)) * ones) >> 240;
            sum = ((even + odd) * ones) >> 240;
        }
    }

    /// @notice In each lane the lower median, sorted[(n - 1) / 2] of n scores.
    /// @dev Bit by bit from the highest: a bit belongs to the median if at least as many scores as from the median up
    /// reach what is known of it together with that bit. So each bit costs one look at each score, whatever their
    /// order.
    /// @param panel The scores, with the guards set: two words for each judge, those of the even shards and of the
    /// odd. Of an even number of judges: where n is odd the last one's scores are 0, which reach nothing and count
    /// for nothing.
    /// @param n How many judges there are, 1 to 20.
    /// @param ones ONES.
    function medians(uint256[] memory panel, uint256 n, uint256 ones)
        internal
        pure
        returns (uint256 even, uint256 odd)
    {
        // Assembly: the innermost loop of a tally, without a check of an index.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let guards := shl(8, ones)
            let begin := add(panel, 32)
            let end := add(begin, shl(5, mload(panel)))
            // n - (n - 1) / 2 = (n + 2) / 2 scores are not below the median. A count stands from the guard's bit on;
            // raised so that the lane's bit 13 is set if and only if there are enough. At most 2^13 + 20 * 2^8.
            let enough := mul(sub(0x2000, shl(8, shr(1, add(n, 2)))), ones)
            for { let bit := 128 } bit { bit := shr(1, bit) } {
                let evenTrial := or(even, mul(bit, ones))
                let oddTrial := or(odd, mul(bit, ones))
                let evens := enough
                let odds := enough
                // Two judges at a time: half the loop's own cost.
                for { let at := begin } lt(at, end) { at := add(at, 128) } {
                    evens := add(evens, and(sub(mload(at), evenTrial), guards))
                    odds := add(odds, and(sub(mload(add(at, 32)), oddTrial), guards))
                    evens := add(evens, and(sub(mload(add(at, 64)), evenTrial), guards))
                    odds := add(odds, and(sub(mload(add(at, 96)), oddTrial), guards))
                }
                even := or(even, mul(and(shr(13, evens), ones), bit))
                odd := or(odd, mul(and(shr(13, odds), ones), bit))
            }
        }
    }

    /// @notice The sum over the lanes that count of |score - value|, and 255 more where just one of the two is 0.
    /// @dev Adding 255 to all that is not 0 makes it the plain distance of two numbers of 9 bits, whose guard is bit 9.
    /// @param scores 8 bits each.
    /// @param values As `raised` gives them.
    /// @param counts The lowest bit of each lane that counts.
    /// @param ones ONES.
    /// @return At most 16 * 510.
    function distance(uint256 scores, uint256 values, uint256 counts, uint256 ones) internal pure returns (uint256) {
        unchecked {
            uint256 difference = (raised(scores, ones) | (ones << 9)) - values;
            uint256 above = (difference >> 9) & counts;
            uint256 below = counts ^ above;
            // Where the score is below, the lane has 512 - (value - score): its complement is one less than wanted.
            uint256 lanes = (difference & (above * 511)) + (~difference & (below * 511)) + below;
            return (lanes * ones) >> 240;
        }
    }

    /// @notice 255 more in each lane of at most 8 bits that is not 0.
    function raised(uint256 lanes, uint256 ones) internal pure returns (uint256) {
        unchecked {
            return lanes + _positive(lanes, ones) * 255;
        }
    }

    /// @dev 1 where it is not 0.
    function _positive(uint256 lanes, uint256 ones) private pure returns (uint256) {
        unchecked {
            return (((lanes | (ones << 8)) - ones) >> 8) & ones;
        }
    }
}
