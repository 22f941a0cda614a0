// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title Median
/// @notice The lower median of up to 20 scores of 8 bits, at the same cost for any order of them.
/// @dev Scores sit in lanes of 12 bits of one word. Subtracting the same value in all lanes at once, with the ninth
/// bit of each as a guard, compares them all with it: so the median is found bit by bit in eight steps, without a
/// loop over the scores. (SIMD within a register: Lamport, "Multiple byte processing with full-word
/// instructions", CACM 18(8), 1975.)
library Median {
    /// @notice Bits of a lane: 8 of the score, a guard, and room to add up 20 guards.
    uint256 internal constant LANE = 12;

    /// @dev A one in the lowest bit of each of 21 lanes.
    uint256 private constant ONES = 0x001001001001001001001001001001001001001001001001001001001001001;

    /// @notice sorted[(k - 1) / 2] of the k scores in the lowest k lanes, in which the others are 0.
    /// @param lanes Scores 0 to 255, one a lane.
    /// @param k How many scores, 0 to 20; the median of none is 0.
    function lower(uint256 lanes, uint256 k) internal pure returns (uint256 median) {
        unchecked {
            if (k == 0) return 0;
            // sorted[(k - 1) / 2] >= v if and only if so many scores are >= v.
            uint256 needed = k - (k - 1) / 2;
            uint256 ones = ONES & ((1 << (LANE * k)) - 1);
            uint256 guarded = lanes | (ones << 8);
            for (uint256 bit = 128; bit != 0; bit >>= 1) {
                uint256 kept = ((guarded - ones * (median | bit)) >> 8) & ones;
                // Multiplying by ONES adds all lanes up in lane 20.
                if (((kept * ONES) >> (LANE * 20)) & 0xfff >= needed) median |= bit;
            }
        }
    }
}
