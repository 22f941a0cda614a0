// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IHive} from "../interfaces/IHive.sol";
import {Bits} from "../libraries/Bits.sol";
import {Hashes} from "../libraries/Hashes.sol";
import {Progress} from "../libraries/ProgressBits.sol";
import {HiveState} from "./HiveState.sol";

/// @title Claims
/// @notice How nodes' owners are paid: by pull, as many rounds at once as they like, whenever they like.
abstract contract Claims is HiveState {
    using Bits for uint24;
    using SafeERC20 for IERC20;

    // Claiming

    /// @inheritdoc IHive
    function claim(uint32 nodeId, Claim[] calldata claims) external {
        uint256 total = 0;
        for (uint256 i = 0; i < claims.length; ++i) {
            unchecked {
                // The parts of rewards that were in this contract together: less than the token's supply.
                total += _collect(nodeId, claims[i]);
            }
        }
        if (total == 0) revert NothingToClaim(nodeId);
        // The owner is read now, not when it was earned: it never changes, and outlives the node's exit.
        _erc20().safeTransfer(_registry().ownerOf(nodeId), total);
    }

    // Views

    /// @inheritdoc IHive
    function earned(uint64 taskId, uint32 roundId, Kind kind, uint16 index) external view returns (uint256) {
        RoundState storage r = _tasks[taskId].rounds[roundId];
        return r.pay.settled ? _earned(r, kind, index) : 0;
    }

    // Internals

    /// @dev INVARIANT: the stored hash names the node, so it pays its node alone; it is overwritten, so it pays once.
    function _collect(uint32 nodeId, Claim calldata c) private returns (uint256 amount) {
        uint64 taskId = c.task;
        uint32 roundId = c.round;
        TaskState storage t = _tasks[taskId];
        RoundState storage r = t.rounds[roundId];
        if (!r.pay.settled) {
            (Progress p,) = _present(t, r);
            revert WrongPhase(p.phase(), Phase.Final);
        }
        Kind kind = c.kind;
        uint16 index = c.index;
        mapping(uint256 => bytes32) storage hashes = kind == Kind.Update ? r.updates : r.verdicts;
        bytes32 stored = hashes[index];
        if (stored == CLAIMED) return 0;
        bytes32 expected = kind == Kind.Update
            ? Hashes.ofUpdate(nodeId, c.content, c.commitmentHash)
            : Hashes.ofVerdict(nodeId, c.content);
        if (stored != expected) revert WrongClaim(taskId, roundId, kind, index);
        amount = _earned(r, kind, index);
        if (amount == 0) return 0;
        hashes[index] = CLAIMED;
        emit Claimed(taskId, roundId, nodeId, kind, index, amount);
    }

    /// @dev INVARIANT: a seat that committed a hash in the form of a revealed one is paid nothing for it: only revealed
    /// seats are ever in `paid`.
    function _earned(RoundState storage r, Kind kind, uint16 index) private view returns (uint256) {
        if (kind == Kind.Verdict) return r.pay.paid.has(index) ? r.pay.share : 0;
        unchecked {
            // 96 bits times 8 bits.
            return uint256(r.pay.rate) * _median(r, index);
        }
    }
}
