// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IHive} from "../../../contracts/interfaces/IHive.sol";
import {Joining} from "./Joining.sol";

/// @title Funding
/// @notice Tasks, what goes into their escrows and what comes out.
abstract contract Funding is Joining {
    uint256 private constant MAX_TASKS = 5;

    // Moves

    function createTask(uint256 seed) external {
        _enter(seed);
        TaskConfig memory config = _anyConfig();
        if (_tasks.length > MAX_TASKS || _once(2)) _spoil(config);
        _createTask(_anybody(), config, _once(16) ? bytes32(0) : _digest());
    }

    function fund(uint256 seed) external {
        _enter(seed);
        uint64 t = _once(16) ? uint64(_draw(8)) : uint64(1 + _draw(_tasks.length - 1));
        uint256 most = t < _tasks.length ? 3 * uint256(_tasks[t].config.reward) + 2 : 100;
        _fund(_anybody(), t, uint128(_once(16) ? 0 : _once(16) ? SUPPLY : _draw(most)));
    }

    function withdrawEscrow(uint256 seed) external {
        _enter(seed);
        uint64 t = _once(16) ? uint64(_draw(8)) : uint64(1 + _draw(_tasks.length - 1));
        uint256 escrow = t < _tasks.length ? _tasks[t].escrow : 0;
        // Mostly a little, or there would seldom be a round.
        uint256 amount = _once(8) ? escrow + _draw(2) : _draw(escrow / 8 + 2);
        _withdrawEscrow(_mostly(t < _tasks.length ? _tasks[t].sponsor : address(0)), t, uint128(amount));
    }

    /// @dev A plain transfer to a contract: it is nobody's, and must not confuse anybody.
    function donate(uint256 seed) external {
        _enter(seed);
        uint256 amount = _draw(10e18);
        bool toHive = _once(2);
        bytes memory data = abi.encodeCall(token.transfer, (toHive ? address(hive) : address(registry), amount));
        _call(address(token), _actor(STRANGER), data, "");
        if (toHive) _strayInHive += amount;
        else _strayInRegistry += amount;
    }

    // What they come down to

    function _createTask(address who, TaskConfig memory config, bytes32 spec) internal {
        string memory refusal = _isAllowed(config) ? "" : "P10: a configuration out of range";
        if (spec == 0) refusal = "P14: a spec without a digest";
        if (!_toHive(who, abi.encodeCall(IHive.createTask, (config, spec)), refusal)) return;
        TaskModel storage task = _tasks.push();
        task.sponsor = who;
        task.config = config;
    }

    function _fund(address who, uint64 t, uint128 amount) internal {
        string memory refusal = "";
        if (t == 0 || t >= _tasks.length) refusal = "P1: funds for no task";
        else if (amount == 0) refusal = "P1: no funds";
        else if (token.balanceOf(who) < amount) refusal = "P1: funds from nowhere";
        if (_toHive(who, abi.encodeCall(IHive.fund, (t, amount)), refusal)) _tasks[t].escrow += amount;
    }

    function _withdrawEscrow(address who, uint64 t, uint128 amount) internal {
        string memory refusal = "";
        if (t == 0 || t >= _tasks.length || who != _tasks[t].sponsor) refusal = "P11: not the sponsor";
        else if (amount == 0) refusal = "P1: nothing withdrawn";
        else if (amount > _tasks[t].escrow) refusal = "P1: more than the escrow";
        uint256 before = token.balanceOf(who);
        if (!_toHive(who, abi.encodeCall(IHive.withdrawEscrow, (t, amount)), refusal)) return;
        _expect(token.balanceOf(who) - before == amount, "P1: another amount left the escrow");
        _tasks[t].escrow -= amount;
    }

    // Configurations

    function _anyConfig() private returns (TaskConfig memory c) {
        c.trainSeconds = uint32(1 + _draw(200));
        c.judgeSeconds = uint32(1 + _draw(200));
        c.revealSeconds = uint32(1 + _draw(200));
        c.tallySeconds = uint32(_once(8) ? 30 days : 1 + _draw(200));
        c.attestSeconds = uint32(1 + _draw(200));
        uint256 places = 1 + _draw(6);
        c.shards = places == 6 ? 70 : uint16(places);
        c.minUpdates = uint16(1 + _draw(places < 2 ? places : 2));
        c.updateQuota = uint16(_once(2) ? 0 : c.minUpdates + _draw(places - c.minUpdates + 1));
        c.seats = uint8(1 + _draw(4));
        c.quorum = uint8(c.seats / 2 + 1 + _draw(c.seats - c.seats / 2));
        c.verdictQuota = uint8(_once(2) ? 0 : c.quorum + _draw(c.seats - c.quorum + 1));
        c.missLimit = uint8(_draw(3));
        c.tolerance = uint8(_once(4) ? _draw(256) : _draw(30));
        c.reward = uint96(_once(4) ? _draw(1000) : _draw(1000e18));
        c.minStake = uint96(_draw(200e18));
        c.slashAmount = uint96(_draw(uint256(c.minStake) + 1));
        c.trainerBps = uint16(_once(8) ? 10_000 * _draw(2) : _draw(10_001));
        c.rounds = uint32(_once(2) ? 0 : 1 + _draw(4));
        c.seed = _once(2) ? bytes32(0) : _digest();
    }

    /// @dev One setting just outside of its range.
    function _spoil(TaskConfig memory c) private {
        uint256 which = _draw(19);
        if (which == 0) c.trainSeconds = 0;
        else if (which == 1) c.judgeSeconds = 0;
        else if (which == 2) c.revealSeconds = 0;
        else if (which == 3) c.tallySeconds = 0;
        else if (which == 4) c.attestSeconds = 0;
        else if (which == 5) c.attestSeconds = 30 days + 1;
        else if (which == 6) c.shards = 0;
        else if (which == 7) c.shards = 1025;
        else if (which == 8) c.seats = 0;
        else if (which == 9) (c.seats, c.quorum) = (21, 11);
        else if (which == 10) c.quorum = c.seats / 2;
        else if (which == 11) c.quorum = c.seats + 1;
        else if (which == 12) c.minUpdates = 0;
        else if (which == 13) c.minUpdates = c.shards + 1;
        else if (which == 14) c.updateQuota = c.minUpdates > 1 ? c.minUpdates - 1 : c.shards + 1;
        else if (which == 15) c.verdictQuota = c.quorum > 1 ? c.quorum - 1 : c.seats + 1;
        else if (which == 16) c.reward = uint96(2 ** 88);
        else if (which == 17) c.trainerBps = 10_001;
        else c.slashAmount = c.minStake + 1;
    }

    function _isAllowed(TaskConfig memory c) private pure returns (bool) {
        uint32[5] memory lengths = [c.trainSeconds, c.judgeSeconds, c.revealSeconds, c.tallySeconds, c.attestSeconds];
        for (uint256 i = 0; i < 5; ++i) if (lengths[i] == 0 || lengths[i] > 30 days) return false;
        if (c.shards == 0 || c.shards > 1024 || c.seats == 0 || c.seats > 20) return false;
        if (c.quorum > c.seats || c.quorum * 2 <= c.seats) return false;
        if (c.minUpdates == 0 || c.minUpdates > c.shards) return false;
        if (c.updateQuota != 0 && (c.updateQuota < c.minUpdates || c.updateQuota > c.shards)) return false;
        if (c.verdictQuota != 0 && (c.verdictQuota < c.quorum || c.verdictQuota > c.seats)) return false;
        return c.trainerBps <= 10_000 && c.reward < 2 ** 88 && c.slashAmount <= c.minStake;
    }
}
