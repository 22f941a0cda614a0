// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title Ranks
/// @notice A few numbers in ascending order, in an array with room for more.
library Ranks {
    /// @notice Inserts `value` among the first `n`, which are in order.
    function insert(uint256[] memory sorted, uint256 n, uint256 value) internal pure {
        uint256 i = n;
        for (; i != 0 && sorted[i - 1] > value; --i) {
            sorted[i] = sorted[i - 1];
        }
        sorted[i] = value;
    }

    /// @notice The most frequent of the first `n`, which are in order; of equals the lowest. At least one is needed.
    function mode(uint256[] memory sorted, uint256 n) internal pure returns (uint256 most) {
        uint256 best = 0;
        uint256 run = 0;
        for (uint256 i = 0; i < n; ++i) {
            run = i != 0 && sorted[i] == sorted[i - 1] ? run + 1 : 1;
            if (run > best) (best, most) = (run, sorted[i]);
        }
    }
}
