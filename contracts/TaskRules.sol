// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IHiveErrors} from "./interfaces/IHiveErrors.sol";

/// @title TaskRules
/// @notice What a task's configuration may ask for: the bounds that keep every round finite and every sum in its slot.
/// @dev A contract of its own because Hive has no room for it under EIP-170. It remembers nothing and calls nobody; the
/// hive deploys it and asks it whenever a task is created.
contract TaskRules is IHiveErrors {
    // Limits

    uint16 private constant MAX_SHARDS = 1024;
    uint8 private constant MAX_SEATS = 20;
    uint32 private constant MAX_SECONDS = 30 days;
    uint16 private constant ALL_BPS = 10_000;

    /// @notice Reverts InvalidConfig with the first setting that is out of its range.
    function check(TaskConfig calldata config) external pure {
        _checkSizes(config);
        _checkLengths(config);
        _checkMoney(config);
    }

    function _checkSizes(TaskConfig calldata c) private pure {
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

    function _checkLengths(TaskConfig calldata c) private pure {
        _checkLength(c.trainSeconds, "trainSeconds");
        _checkLength(c.judgeSeconds, "judgeSeconds");
        _checkLength(c.revealSeconds, "revealSeconds");
        _checkLength(c.tallySeconds, "tallySeconds");
        _checkLength(c.attestSeconds, "attestSeconds");
    }

    function _checkLength(uint32 length, string memory setting) private pure {
        // The upper bound limits how long a reward, a slot and a stake can be bound by one round: five times this.
        _check(length >= 1 && length <= MAX_SECONDS, setting, length);
    }

    function _checkMoney(TaskConfig calldata c) private pure {
        _check(c.trainerBps <= ALL_BPS, "trainerBps", c.trainerBps);
        // What a claim needs to know of a round shares one slot: see HiveState.Pay.
        _check(c.reward <= type(uint88).max, "reward", c.reward);
        _check(c.slashAmount <= c.minStake, "slashAmount", c.slashAmount);
    }

    function _check(bool holds, string memory setting, uint256 value) private pure {
        if (!holds) revert InvalidConfig(setting, value);
    }
}
