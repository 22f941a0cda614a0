// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IHive} from "../interfaces/IHive.sol";
import {TaskRules} from "../TaskRules.sol";
import {HiveState} from "./HiveState.sol";

/// @title Tasks
/// @notice Rules and escrow of tasks.
abstract contract Tasks is HiveState {
    using SafeERC20 for IERC20;

    // Tasks

    /// @inheritdoc IHive
    function createTask(TaskConfig memory config, bytes32 spec) external returns (uint64 taskId) {
        if (spec == 0) revert ZeroDigest();
        TaskRules(taskRules).check(config);
        taskId = ++taskCount;
        TaskState storage t = _tasks[taskId];
        t.config = config;
        t.sponsor = msg.sender;
        t.spec = spec;
        emit TaskCreated(taskId, msg.sender, spec, config);
    }

    /// @inheritdoc IHive
    function fund(uint64 taskId, uint128 amount) external {
        TaskState storage t = _existing(taskId);
        if (amount == 0) revert ZeroAmount();
        t.escrow += amount;
        emit TaskFunded(taskId, msg.sender, amount);
        uint256 before = _balance();
        _erc20().safeTransferFrom(msg.sender, address(this), amount);
        // INVARIANT: escrows are backed one for one: a token that takes a fee, or that calls back in here meanwhile,
        // does not get past this.
        uint256 received = _balance() - before;
        if (received != amount) revert WrongTransfer(received, amount);
    }

    /// @inheritdoc IHive
    function withdrawEscrow(uint64 taskId, uint128 amount) external {
        TaskState storage t = _tasks[taskId];
        if (msg.sender != t.sponsor) revert NotSponsor(taskId, msg.sender);
        if (amount == 0) revert ZeroAmount();
        // INVARIANT: the reward of an open round left the escrow when it opened, so it cannot be taken from
        // those who work for it.
        if (amount > t.escrow) revert EscrowTooSmall(t.escrow, amount);
        t.escrow -= amount;
        emit EscrowWithdrawn(taskId, amount);
        _erc20().safeTransfer(msg.sender, amount);
    }

    function _balance() private view returns (uint256) {
        return _erc20().balanceOf(address(this));
    }
}
