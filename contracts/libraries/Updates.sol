// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IHiveTypes} from "../interfaces/IHiveTypes.sol";

/// @title Updates
/// @notice Reads the updates of a slice where they lie in calldata: `at` is the place of one, 192 bytes before the
/// next.
/// @dev Assembly, for it runs for each of hundreds of updates: no check of an index, no check of a word's width, no
/// fresh memory for a hash. Widths need none, because the hash decides: a node of more than 32 bits gives a hash that
/// was never stored, and a shard of more than 16 bits is a place where none was.
library Updates {
    /// @notice Bytes of an update: shard, node, digest, commitment.
    uint256 internal constant SIZE = 192;

    /// @notice Where the first update is, and where one after the last would be.
    function range(IHiveTypes.Update[] calldata updates) internal pure returns (uint256 begin, uint256 end) {
        // Assembly: an index into calldata without a bound to check.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            begin := updates.offset
            end := add(begin, mul(updates.length, SIZE))
        }
    }

    /// @notice Where the next update is.
    function after_(uint256 at) internal pure returns (uint256) {
        unchecked {
            // Within calldata.
            return at + SIZE;
        }
    }

    /// @notice The shard of an update.
    function shardAt(uint256 at) internal pure returns (uint256 shardId) {
        // Assembly: one word of calldata at a known place.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            shardId := calldataload(at)
        }
    }

    /// @notice The node of an update.
    function nodeAt(uint256 at) internal pure returns (uint256 nodeId) {
        // Assembly: one word of calldata at a known place.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            nodeId := calldataload(add(at, 32))
        }
    }

    /// @notice The commitment of an update.
    function commitmentAt(uint256 at) internal pure returns (IHiveTypes.G1 calldata commitment) {
        // Assembly: a struct in calldata at a known place.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            commitment := add(at, 96)
        }
    }

    /// @notice What Hashes.ofUpdate gives for an update, but for the round in it.
    /// @dev The fields lie side by side, as abi.encode puts them.
    function hashAt(uint256 at) internal pure returns (bytes32 hash) {
        // Assembly: hashed from calldata without a copy in fresh memory.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, at, SIZE)
            hash := keccak256(free, SIZE)
        }
    }
}
