// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IHiveTypes} from "../interfaces/IHiveTypes.sol";

/// @title G1Sum
/// @notice A running sum of points of BLS12-381 G1, added by the precompile BLS12_G1ADD of EIP-2537.
/// @dev The precompile wants each coordinate in 64 bytes, the first 16 of them zero; the hive's compact form leaves
/// those out. The sum lives in a buffer of 8 words: 4 of the total, 4 of the point to be added, which is what the
/// precompile reads. Assembly because the call must reuse that buffer, must copy no more than 128 bytes of what comes
/// back, and must be given a bound of gas: a precompile that fails consumes all that it was given.
library G1Sum {
    uint256 private constant BLS12_G1ADD = 0x0b;

    /// @dev EIP-2537 asks 375. More, for chains that price it differently; little, for it is what a hostile
    /// commitment can burn.
    uint256 private constant ADD_GAS = 2000;

    /// @notice Whether this chain has the precompile: infinity + infinity must give 128 bytes.
    function available() internal view returns (bool) {
        // A precompile has no interface.
        // slither-disable-next-line low-level-calls
        (bool ok, bytes memory result) = address(uint160(BLS12_G1ADD)).staticcall{gas: ADD_GAS}(new bytes(256));
        return ok && result.length == 128;
    }

    /// @notice Adds a point to the sum in the buffer. False, and the sum unchanged, if it is no point of the curve.
    /// @dev INVARIANT: nobody can make a good point fail by giving a transaction too little gas. The call gets 63/64
    /// of what is left, so if it gets less than 375, at most 6 remain here: not enough to store the outcome.
    function add(bytes32[8] memory buffer, IHiveTypes.G1 calldata point) internal view returns (bool ok) {
        // Assembly: see above.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let a := calldataload(point)
            let b := calldataload(add(point, 32))
            mstore(add(buffer, 128), shr(128, a))
            mstore(add(buffer, 160), or(shl(128, a), shr(128, b)))
            mstore(add(buffer, 192), and(b, 0xffffffffffffffffffffffffffffffff))
            mstore(add(buffer, 224), calldataload(add(point, 64)))
            ok := staticcall(ADD_GAS, BLS12_G1ADD, buffer, 256, buffer, 128)
            // A call to an address without code succeeds with nothing: that is no sum either.
            ok := and(ok, eq(returndatasize(), 128))
        }
    }

    /// @notice The sum in the buffer, in compact form.
    function compact(bytes32[8] memory buffer) internal pure returns (IHiveTypes.G1 memory) {
        return IHiveTypes.G1({
            a: (buffer[0] << 128) | (buffer[1] >> 128),
            b: (buffer[1] << 128) | buffer[2],
            c: buffer[3]
        });
    }

    /// @notice Sets the buffer to a sum in compact form.
    function resume(bytes32[8] memory buffer, IHiveTypes.G1 memory total) internal pure {
        buffer[0] = total.a >> 128;
        buffer[1] = (total.a << 128) | (total.b >> 128);
        buffer[2] = (total.b << 128) >> 128;
        buffer[3] = total.c;
    }
}
