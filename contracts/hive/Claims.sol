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
        for (uint256 i = 0; i < claims.length; ++i) total += _collect(nodeId, claims[i]);
        if (total == 0) revert NothingToClaim(nodeId);
        // The owner is read now, not when it was earned: it never changes, and outlives the node's exit.
        _erc20().safeTransfer(_registry().ownerOf(nodeId), total);
    }

    // Views

    /// @inheritdoc IHive
    function earned(uint64 taskId, uint32 roundId, Kind kind, uint16 index) external view returns (uint256) {
        RoundState storage r = _tasks[taskId].rounds[roundId];
        Pay memory pay = r.pay;
        if (!pay.settled) return 0;
        return kind == Kind.Update ? _earnedByUpdate(r, pay, index) : _earnedBySeat(pay, index);
    }

    // Internals

    /// @dev INVARIANT: the stored hash names the node, so it pays its node alone; it is overwritten, so it pays once.
    function _collect(uint32 nodeId, Claim calldata c) private returns (uint256 amount) {
        RoundState storage r = _tasks[c.task].rounds[c.round];
        Pay memory pay = r.pay;
        if (!pay.settled) {
            (Progress p,) = _present(_tasks[c.task], r);
            revert WrongPhase(p.phase(), Phase.Final);
        }
        uint16 index = c.index;
        bool isUpdate = c.kind == Kind.Update;
        mapping(uint16 => bytes32) storage hashes = isUpdate ? r.updates : r.verdicts;
        bytes32 stored = hashes[index];
        if (stored == CLAIMED) return 0;
        bytes32 expected = isUpdate
            ? Hashes.ofUpdate(nodeId, c.content, c.commitmentHash)
            : Hashes.ofVerdict(nodeId, c.content);
        if (stored != expected) revert WrongClaim(c.task, c.round, c.kind, index);
        amount = isUpdate ? _earnedByUpdate(r, pay, index) : _earnedBySeat(pay, index);
        if (amount == 0) return 0;
        hashes[index] = CLAIMED;
        emit Claimed(c.task, c.round, nodeId, c.kind, index, amount);
    }

    function _earnedByUpdate(RoundState storage r, Pay memory pay, uint16 shardId) private view returns (uint256) {
        return uint256(pay.rate) * _median(r, shardId);
    }

    /// @dev INVARIANT: a hash that was committed in the form of a revealed one pays nothing: only revealed seats
    /// are ever in the set.
    function _earnedBySeat(Pay memory pay, uint16 seatId) private pure returns (uint256) {
        return pay.paid.has(seatId) ? pay.share : 0;
    }
}
