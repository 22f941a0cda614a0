// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IHiveTypes} from "../interfaces/IHiveTypes.sol";

/// @title Hashes
/// @notice What the hive stores of updates and verdicts: one word each.
/// @dev A commit and a revealed verdict, which share a slot, have preimages of different lengths (6 and 2 words):
/// none can pass for the other. The task is in the storage key, not in the preimage, except where a hash travels
/// before it is stored (a commit).
library Hashes {
    /// @dev What the lowest 32 bits of an update's word are for.
    uint256 private constant ROUND_MASK = 0xffffffff;

    /// @notice keccak256 of the 96 bytes of a commitment.
    function ofCommitment(IHiveTypes.G1 calldata commitment) internal pure returns (bytes32 hash) {
        // Assembly: no copy in fresh memory, which is never freed.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, commitment, 96)
            hash := keccak256(free, 96)
        }
    }

    /// @notice What is stored of an update: keccak256(abi.encode(shard, node, digest, commitment)), the lowest 32 bits
    /// replaced by the round. 224 bits are left: as hard to collide as SHA-224.
    /// @dev Assembly saves a submission 400 gas of copying to fresh memory.
    function ofUpdate(
        uint32 roundId,
        uint16 shardId,
        uint32 nodeId,
        bytes32 digest,
        IHiveTypes.G1 calldata commitment
    ) internal pure returns (bytes32 word) {
        // Assembly: no copy in fresh memory, which is never freed.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, and(shardId, 0xffff))
            mstore(add(free, 32), and(nodeId, 0xffffffff))
            mstore(add(free, 64), digest)
            calldatacopy(add(free, 96), commitment, 96)
            word := keccak256(free, 192)
        }
        return tagged(word, roundId);
    }

    /// @notice The hash of an update with its round in the lowest 32 bits.
    function tagged(bytes32 hash, uint32 roundId) internal pure returns (bytes32) {
        return bytes32((uint256(hash) & ~ROUND_MASK) | roundId);
    }

    /// @notice What a validator commits to.
    /// @dev INVARIANT: the node is in it, so that nobody can commit a copy of another's hash and reveal after them.
    function ofCommit(uint64 taskId, uint32 roundId, uint32 nodeId, bytes32 scoresHash, bytes32 verdict, bytes32 salt)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(taskId, roundId, nodeId, scoresHash, verdict, salt));
    }

    /// @notice What is stored once a verdict is revealed.
    function ofVerdict(uint32 nodeId, bytes32 scoresHash) internal pure returns (bytes32) {
        return keccak256(abi.encode(nodeId, scoresHash));
    }

    /// @notice The seed of a round of a task that has a seed.
    function ofRoundSeed(bytes32 seed, uint32 roundId) internal pure returns (bytes32) {
        return keccak256(abi.encode(seed, roundId));
    }
}
