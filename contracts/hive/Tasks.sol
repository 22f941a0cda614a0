// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IHive} from "../interfaces/IHive.sol";
import {HiveState} from "./HiveState.sol";

/// @title Tasks
/// @notice Rules and escrow of tasks.
abstract contract Tasks is HiveState {
    using SafeERC20 for IERC20;

    // Limits

    uint16 private constant MAX_SHARDS = 1024;
    uint8 private constant MAX_SEATS = 20;
    uint32 private constant MAX_SECONDS = 30 days;
    uint16 private constant ALL_BPS = 10_000;

    // Tasks

    /// @inheritdoc IHive
    function createTask(TaskConfig memory config, bytes32 spec) external returns (uint64 taskId) {
        if (spec == 0) revert ZeroDigest();
        _checkSizes(config);
        _checkLengths(config);
        _checkMoney(config);
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
        _erc20().safeTransferFrom(msg.sender, address(this), amount);
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

    // Checks of a configuration

    function _checkSizes(TaskConfig memory c) private pure {
        _check(c.shards >= 1 && c.shards <= MAX_SHARDS, "shards", c.shards);
        _check(c.seats >= 1 && c.seats <= MAX_SEATS, "seats", c.seats);
        // INVARIANT: two quorums share a seat, so two models can never both be attested by one.
        _check(2 * uint256(c.quorum) > c.seats && c.quorum <= c.seats, "quorum", c.quorum);
        _check(c.minUpdates >= 1 && c.minUpdates <= c.shards, "minUpdates", c.minUpdates);
        // A quota below what the round needs would stall every round.
        _check(
            c.updateQuota == 0 || (c.updateQuota >= c.minUpdates && c.updateQuota <= c.shards),
            "updateQuota",
            c.updateQuota
        );
        _check(
            c.verdictQuota == 0 || (c.verdictQuota >= c.quorum && c.verdictQuota <= c.seats),
            "verdictQuota",
            c.verdictQuota
        );
    }

    function _checkLengths(TaskConfig memory c) private pure {
        _checkLength(c.trainSeconds, "trainSeconds");
        _checkLength(c.judgeSeconds, "judgeSeconds");
        _checkLength(c.revealSeconds, "revealSeconds");
        _checkLength(c.tallySeconds, "tallySeconds");
        _checkLength(c.attestSeconds, "attestSeconds");
    }

    function _checkLength(uint32 length, string memory setting) private pure {
        // The upper bound limits how long a reward, a seat and a stake can be bound by one round: five times this.
        _check(length >= 1 && length <= MAX_SECONDS, setting, length);
    }

    function _checkMoney(TaskConfig memory c) private pure {
        _check(c.trainerBps <= ALL_BPS, "trainerBps", c.trainerBps);
        _check(c.slashAmount <= c.minStake, "slashAmount", c.slashAmount);
    }

    function _check(bool holds, string memory setting, uint256 value) private pure {
        if (!holds) revert InvalidConfig(setting, value);
    }
}
