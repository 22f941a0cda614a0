// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title Bits
/// @notice Sets of seats as bit masks: bit s stands for seat s, 0 to 23.
library Bits {
    /// @notice Whether the set has the seat.
    function has(uint24 set, uint256 seat) internal pure returns (bool) {
        return (set >> seat) & 1 != 0;
    }

    /// @notice The set with the seat.
    function with(uint24 set, uint256 seat) internal pure returns (uint24) {
        return uint24(set | (1 << seat));
    }

    /// @notice How many seats the set has.
    function count(uint24 set) internal pure returns (uint256 n) {
        // Kernighan: each step clears the lowest bit that is set.
        for (uint256 rest = set; rest != 0; rest &= rest - 1) ++n;
    }
}
