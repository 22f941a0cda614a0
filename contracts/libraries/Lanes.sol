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
    uint256 private constant ONES = 0x0001000100010001000100010001000100010001000100010001000100010001;

    /// @dev The guard of each lane.
    uint256 private constant GUARDS = ONES << 8;

    uint256 private constant BYTES = ONES * 0xff;

    /// @notice Bytes 0, 2, 4, ... of a word in the lanes of one, bytes 1, 3, 5, ... in those of another.
    function spread(uint256 word) internal pure returns (uint256 even, uint256 odd) {
        return ((word >> 8) & BYTES, word & BYTES);
    }

    /// @notice The inverse of `spread`, for lanes of at most 8 bits.
    function join(uint256 even, uint256 odd) internal pure returns (uint256 word) {
        return (even << 8) | odd;
    }

    /// @notice Byte `i` of a word, the highest being number 0.
    function byteAt(uint256 word, uint256 i) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := byte(i, word)
        }
    }

    /// @notice How many bytes of a word are not 0, and their sum.
    function total(uint256 word) internal pure returns (uint256 count, uint256 sum) {
        unchecked {
            (uint256 even, uint256 odd) = spread(word);
            // Multiplying by ONES adds all lanes up in the highest.
            count = ((_positive(even) + _positive(odd)) * ONES) >> 240;
            sum = ((even + odd) * ONES) >> 240;
        }
    }

    /// @notice The lanes with their guards set, as `medians` takes them.
    function guarded(uint256 lanes) internal pure returns (uint256) {
        return lanes | GUARDS;
    }

    /// @notice In each lane the lower median, sorted[(n - 1) / 2] of n scores.
    /// @dev Bit by bit from the highest: a bit belongs to the median if at least as many scores as from the median up
    /// reach what is known of it together with that bit. So each bit costs one look at each score, whatever their order.
    /// @param panel The scores of n judges, 1 to 20, guarded: two words each, those of the even shards and of the odd.
    function medians(uint256[] memory panel) internal pure returns (uint256 even, uint256 odd) {
        unchecked {
            uint256 n = panel.length >> 1;
            // n - (n - 1) / 2 scores are not below the median. Their count stands from the guard's bit on; raised so that
            // the lane's bit 13 is set if and only if there are enough.
            uint256 enough = ((1 << 13) - ((n - ((n - 1) >> 1)) << 8)) * ONES;
            for (uint256 bit = 128; bit != 0; bit >>= 1) {
                uint256 bits = bit * ONES;
                (uint256 evens, uint256 odds) = _reaching(panel, even | bits, odd | bits);
                even |= (((evens + enough) >> 13) & ONES) * bit;
                odd |= (((odds + enough) >> 13) & ONES) * bit;
            }
        }
    }

    /// @dev How many scores reach the value, in each lane, times 256. At most 20 * 256.
    function _reaching(uint256[] memory panel, uint256 even, uint256 odd)
        private
        pure
        returns (uint256 evens, uint256 odds)
    {
        uint256 guards = GUARDS;
        assembly ("memory-safe") {
            let at := add(panel, 32)
            for { let end := add(at, shl(5, mload(panel))) } lt(at, end) { at := add(at, 64) } {
                evens := add(evens, and(sub(mload(at), even), guards))
                odds := add(odds, and(sub(mload(add(at, 32)), odd), guards))
            }
        }
    }

    /// @notice The sum over the lanes that count of |score - value|, and 255 more where just one of the two is 0.
    /// @param scores 8 bits each.
    /// @param values 8 bits each.
    /// @param counts The lowest bit of each lane that counts.
    /// @return At most 16 * 510.
    function distance(uint256 scores, uint256 values, uint256 counts) internal pure returns (uint256) {
        unchecked {
            // Adding 255 to all that is not 0 makes it the plain distance of two numbers of 9 bits, whose guard is bit 9.
            uint256 difference = (_raise(scores) | (ONES << 9)) - _raise(values);
            uint256 above = (difference >> 9) & counts;
            uint256 below = counts ^ above;
            // Where the score is below, the lane has 512 - (value - score): its complement is one less than wanted.
            uint256 lanes = (difference & (above * 511)) + (~difference & (below * 511)) + below;
            return (lanes * ONES) >> 240;
        }
    }

    /// @dev 255 more where it is not 0.
    function _raise(uint256 lanes) private pure returns (uint256) {
        unchecked {
            return lanes + _positive(lanes) * 255;
        }
    }

    /// @dev 1 where it is not 0.
    function _positive(uint256 lanes) private pure returns (uint256) {
        unchecked {
            return (((lanes | GUARDS) - ONES) >> 8) & ONES;
        }
    }
}
