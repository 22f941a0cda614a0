// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Sequences} from "./Sequences.sol";

/// @title Fuzz
/// @notice What forge runs: moves in any order, checks after each, a way out at the end of every run.
contract Fuzz is Sequences {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    bytes4[] private _moves;

    // What forge asks

    /// @dev On a chain that adds commitments, or on one that cannot.
    function setUp() external {
        _begin(vm.envOr("FUZZ_VERIFY_SUMS", true));
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(this);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(this), _moves);
    }

    function invariant_holds() external view {
        require(bytes(_broken).length == 0, _broken);
        _checkTokens();
        // The rest by turns that come round soon: what is wrong seldom heals.
        uint256 turn = uint256(keccak256(abi.encode(_now, _turn)));
        uint64 t = uint64(turn % (_tasks.length - 1) + 1);
        if (_turn % 3 == 0) _checkTask(t);
        else if (_turn % 3 == 1) _checkSlots(t);
        else _checkNode(uint32(turn % (_nodes.length - 1) + 1));
        if (_turn % 4 == 0 && _tasks[t].finals.length != 0) {
            _checkFinal(t, _tasks[t].finals[turn % _tasks[t].finals.length]);
        }
    }

    function afterInvariant() external {
        _checkAll();
        _leave();
        _checkAll();
        _report();
    }

    // Internals

    function _checkAll() private view {
        _checkTokens();
        for (uint64 t = 1; t < _tasks.length; ++t) {
            _checkTask(t);
            _checkSlots(t);
            for (uint32 id = 1; id <= _tasks[t].latest; ++id) _checkFinal(t, id);
            ledger.compareTask(hive, t, _shards(t));
        }
        for (uint32 id = 1; id < _nodes.length; ++id) {
            _checkNode(id);
            ledger.compareNode(registry, hive, id);
        }
    }

    /// @dev Three tasks, six nodes and most slots taken, or a run would be over before there is a round.
    function _begin(bool adds) internal {
        _deploy(adds);
        for (uint256 i = 0; i < 6; ++i) {
            // The first node's owner is its operator too.
            _register(_actor(i), _actor(i == 0 ? 0 : i + 6), 3, 500e18);
        }
        TaskConfig memory c;
        (c.trainSeconds, c.judgeSeconds, c.revealSeconds, c.tallySeconds, c.attestSeconds) = (100, 90, 80, 70, 60);
        (c.shards, c.updateQuota, c.minUpdates, c.seats, c.quorum, c.verdictQuota) = (5, 4, 2, 3, 2, 3);
        (c.missLimit, c.tolerance, c.trainerBps) = (2, 30, 6000);
        (c.reward, c.minStake, c.slashAmount) = (1000e18 + 7, 100e18, 30e18);
        _createTask(_actor(0), c, bytes32(uint256(1)));
        // A large one without quotas and limits, in which medians lie in several words.
        (c.shards, c.updateQuota, c.minUpdates, c.seats, c.quorum, c.verdictQuota) = (70, 0, 1, 4, 3, 0);
        (c.missLimit, c.tolerance, c.seed, c.reward) = (1, 60, keccak256("seed"), 777);
        _createTask(_actor(6), c, bytes32(uint256(2)));
        // A small one.
        (c.shards, c.updateQuota, c.minUpdates, c.seats, c.quorum, c.verdictQuota) = (3, 2, 1, 2, 2, 2);
        (c.missLimit, c.rounds, c.reward, c.slashAmount) = (1, 6, 10e18 + 1, 100e18);
        _createTask(_actor(1), c, bytes32(uint256(3)));
        for (uint64 t = 1; t < 4; ++t) {
            _fund(_actor(2), t, uint128(8 * uint256(_tasks[t].config.reward)));
            uint16[] memory shards = _shards(t);
            for (uint32 i = 0; i < shards.length; ++i) _take(_nodes[1 + (i + t) % 6].operator, t, Kind.Update, shards[i]);
            for (uint16 s = 0; s < _tasks[t].config.seats; ++s) _take(_nodes[1 + (2 * s) % 6 + s / 3].operator, t, Kind.Verdict, s);
        }
        require(bytes(_broken).length == 0, _broken);
        _counting = true;
        _often(1, this.register.selector);
        _often(1, this.addStake.selector);
        _often(1, this.setRoles.selector);
        _often(1, this.rotateOperator.selector);
        _often(1, this.requestExit.selector);
        _often(1, this.withdraw.selector);
        _often(1, this.slash.selector);
        _often(1, this.createTask.selector);
        _often(1, this.fund.selector);
        _often(1, this.withdrawEscrow.selector);
        _often(1, this.donate.selector);
        _often(1, this.takeShard.selector);
        _often(1, this.takeSeat.selector);
        _often(1, this.releaseShard.selector);
        _often(1, this.releaseSeat.selector);
        _often(1, this.refreshShard.selector);
        _often(1, this.refreshSeat.selector);
        _often(1, this.freeShard.selector);
        _often(1, this.freeSeat.selector);
        _often(1, this.openRound.selector);
        _often(2, this.submitUpdate.selector);
        _often(2, this.submitUpdates.selector);
        _often(2, this.commitVerdict.selector);
        _often(2, this.revealVerdict.selector);
        _often(2, this.tally.selector);
        _often(2, this.attestModel.selector);
        _often(1, this.cancelRound.selector);
        _often(2, this.claim.selector);
        _often(2, this.wait_.selector);
        _often(16, this.lead.selector);
    }

    /// @dev forge draws from a list: what stands in it more often is drawn more often.
    function _often(uint256 times, bytes4 move) private {
        for (uint256 i = 0; i < times; ++i) _moves.push(move);
    }
}
