// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IHive} from "../interfaces/IHive.sol";
import {Bits} from "../libraries/Bits.sol";
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
        return r.pay.parent == 0 ? 0 : _earned(r, r.pay, kind, index);
    }

    // Internals

    function _collect(uint32 nodeId, Claim calldata c) private returns (uint256 amount) {
        TaskState storage t = _tasks[c.task];
        (uint32 paidThrough, uint32 through) = c.term == 0 ? _advance(t, nodeId, c) : _advanceEnded(t, nodeId, c);
        if (through <= paidThrough) return 0;
        amount = _follow(t, c, through, paidThrough);
        emit Claimed(c.task, nodeId, c.kind, c.index, c.term, paidThrough, through, amount);
    }

    /// @dev INVARIANT: a term names its node, so it pays its node alone; what it is paid through only grows, so each
    /// round is paid once.
    function _advance(TaskState storage t, uint32 nodeId, Claim calldata c)
        private
        returns (uint32 paidThrough, uint32 through)
    {
        Holder storage h = t.slots[_slotKey(c.kind, c.index)];
        if (nodeId != h.node) _refuse(c);
        paidThrough = h.paidThrough;
        through = c.through == 0 ? t.lastFinal : c.through;
        if (through > paidThrough) h.paidThrough = through;
    }

    /// @dev As above.
    function _advanceEnded(TaskState storage t, uint32 nodeId, Claim calldata c)
        private
        returns (uint32 paidThrough, uint32 through)
    {
        Term storage ended = t.terms[_termKey(c.kind, c.index, c.term)];
        through = c.through == 0 ? c.term : c.through;
        if (nodeId != ended.node || through > c.term) _refuse(c);
        paidThrough = ended.paidThrough;
        if (through > paidThrough) ended.paidThrough = through;
    }

    /// @dev What the final rounds from `through` back to `paidThrough` earn. Each knows the one before it.
    function _follow(TaskState storage t, Claim calldata c, uint32 through, uint32 paidThrough)
        private
        view
        returns (uint256 amount)
    {
        for (uint32 roundId = through; roundId > paidThrough;) {
            RoundState storage r = t.rounds[roundId];
            Pay memory pay = r.pay;
            // Only the first can be no final round: what comes before is the parent of a final one.
            if (pay.parent == 0) _refuse(c);
            unchecked {
                amount += _earned(r, pay, c.kind, c.index);
                roundId = pay.parent - 1;
            }
        }
    }

    /// @dev INVARIANT: a seat that committed a hash in the form of a revealed one is paid nothing for it: only revealed
    /// seats are ever in `paid`.
    function _earned(RoundState storage r, Pay memory pay, Kind kind, uint256 index) private view returns (uint256) {
        if (kind == Kind.Verdict) return pay.paid.has(index) ? pay.share : 0;
        unchecked {
            // 88 bits times 8 bits.
            return uint256(pay.rate) * _median(r, index);
        }
    }

    function _refuse(Claim calldata c) private pure {
        revert WrongClaim(c.task, c.kind, c.index, c.term, c.through);
    }
}
