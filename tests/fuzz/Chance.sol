// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title Chance
/// @notice Many small choices out of the one number that forge draws for a call.
abstract contract Chance {
    uint256 private _entropy;

    function _shake(uint256 seed) internal {
        _entropy = seed;
    }

    /// @dev A number below `n`, which is not 0.
    function _draw(uint256 n) internal returns (uint256) {
        uint256 entropy = uint256(keccak256(abi.encode(_entropy)));
        _entropy = entropy;
        return entropy % n;
    }

    /// @dev True once in `n` times.
    function _once(uint256 n) internal returns (bool) {
        return _draw(n) == 0;
    }

    function _digest() internal returns (bytes32) {
        return bytes32(_draw(type(uint256).max) + 1);
    }
}
