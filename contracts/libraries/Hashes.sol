// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IHiveTypes} from "../interfaces/IHiveTypes.sol";

/// @title Hashes
/// @notice What the hive stores of updates and verdicts: one word each.
/// @dev Preimages of the three kinds differ in length (3, 6 and 2 words), so none can pass for another. Task and round
/// are in the storage key, not in the preimage, except where a hash travels before it is stored (a commit).
library Hashes {
    /// @notice keccak256 of the 96 bytes of a commitment.
    /// @dev Assembly here and below saves a submission 370 gas of copying to fresh memory.
    function ofCommitment(IHiveTypes.G1 calldata commitment) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, commitment, 96)
            hash := keccak256(free, 96)
        }
    }

    /// @notice What is stored of an update: keccak256(abi.encode(nodeId, digest, commitmentHash)).
    function ofUpdate(uint32 nodeId, bytes32 digest, bytes32 commitmentHash) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, and(nodeId, 0xffffffff))
            mstore(add(free, 32), digest)
            mstore(add(free, 64), commitmentHash)
            hash := keccak256(free, 96)
        }
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
