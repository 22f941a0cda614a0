// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {IHive} from "../interfaces/IHive.sol";
import {Hashes} from "../libraries/Hashes.sol";
import {Progress} from "../libraries/ProgressBits.sol";
import {Training} from "./Training.sol";

/// @title Batches
/// @notice Updates of many nodes in one transaction, each under a signature: a node needs no gas of its own.
abstract contract Batches is Training {
    // The type as EIP-712 wants it spelled, hashed by the compiler.
    // solhint-disable-next-line gas-small-strings
    bytes32 private constant SUBMIT_UPDATE_TYPEHASH = keccak256(
        "SubmitUpdate(uint64 task,uint32 round,uint16 shard,bytes32 digest,bytes commitment,uint40 expiry)"
    );

    /// @dev Not OpenZeppelin's EIP712: its cache and its strings are 900 bytes of code, and Hive is near the limit of
    /// EIP-170.
    bytes32 private constant DOMAIN_TYPEHASH =
        // As above.
        // solhint-disable-next-line gas-small-strings
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant NAME_HASH = keccak256("AnomalyHive");
    bytes32 private constant VERSION_HASH = keccak256("1");

    /// @inheritdoc IHive
    function submitUpdates(uint64 taskId, uint32 roundId, SignedUpdate[] calldata updates)
        external
        returns (uint256 submitted)
    {
        TaskState storage t = _tasks[taskId];
        RoundState storage r = t.rounds[roundId];
        Progress p = _training(t, r);
        bytes32 domain = _domain();
        // A phase is one of nine.
        // slither-disable-next-line incorrect-equality
        for (uint256 i = 0; i < updates.length && p.phase() == Phase.Train; ++i) {
            SignedUpdate calldata update = updates[i];
            // INVARIANT: an update that cannot count is passed over, so nobody can make the updates of others fail:
            // not by a signature that is none, nor by submitting one of them first.
            if (_isOf(t.updates[update.shard], roundId)) continue;
            Holder storage h = t.slots[update.shard];
            if (!_isSigned(domain, taskId, roundId, update, h.operator)) continue;
            p = _counted(p);
            _store(t, taskId, roundId, update.shard, h.node, update.digest, update.commitment);
            ++submitted;
        }
        if (submitted == 0) revert NothingSubmitted(updates.length);
        r.progress = p;
    }

    /// @dev INVARIANT: nobody signs for a free shard: what is no signature recovers to no address, and a free shard
    /// has the operator 0.
    function _isSigned(
        bytes32 domain,
        uint64 taskId,
        uint32 roundId,
        SignedUpdate calldata update,
        address operator
    ) private view returns (bool) {
        if (block.timestamp >= update.expiry) return false;
        bytes32 hash = keccak256(
            abi.encode(
                SUBMIT_UPDATE_TYPEHASH,
                taskId,
                roundId,
                update.shard,
                update.digest,
                Hashes.ofCommitment(update.commitment),
                update.expiry
            )
        );
        bytes32 signed = MessageHashUtils.toTypedDataHash(domain, hash);
        // The third value only details the fault.
        // slither-disable-next-line unused-return
        (address signer, ECDSA.RecoverError fault,) = ECDSA.tryRecover(signed, update.r, update.vs);
        return fault == ECDSA.RecoverError.NoError && signer == operator;
    }

    /// @dev INVARIANT: what was signed for another chain or another hive is void here. Computed anew each time, as a
    /// chain may split.
    function _domain() private view returns (bytes32) {
        return keccak256(abi.encode(DOMAIN_TYPEHASH, NAME_HASH, VERSION_HASH, block.chainid, address(this)));
    }
}
