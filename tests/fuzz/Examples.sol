// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IHive} from "../../contracts/interfaces/IHive.sol";
import {INodeRegistry} from "../../contracts/interfaces/INodeRegistry.sol";
import {HostileToken} from "./HostileToken.sol";
import {WayOut} from "./WayOut.sol";

/// @title Examples
/// @notice What is better shown than found: tokens that cheat and call back, and cost that must not grow.
abstract contract Examples is WayOut {
    // P15: hostile tokens

    function test_P15_fund_with_a_token_that_takes_a_fee_is_refused() external {
        _hostile().setFee(1);
        vm.prank(_actor(2));
        (bool ok,) = address(hive).call(abi.encodeCall(IHive.fund, (1, 1e18)));
        require(!ok, "P15: funds that did not arrive");
        _checkTokens();
    }

    function test_P15_stake_with_a_token_that_takes_a_fee_is_refused() external {
        _hostile().setFee(1);
        vm.prank(_actor(14));
        (bool ok,) = address(registry).call(abi.encodeCall(INodeRegistry.register, (_actor(14), 3, 1e18)));
        require(!ok, "P15: stake that did not arrive");
        vm.prank(_nodes[1].owner);
        (ok,) = address(registry).call(abi.encodeCall(INodeRegistry.addStake, (1, 1e18)));
        require(!ok, "P15: stake that did not arrive");
        _checkTokens();
    }

    function test_P15_fund_within_fund_is_refused() external {
        _hostile().reenter(address(hive), _actor(2), abi.encodeCall(IHive.fund, (1, 1e18)));
        vm.prank(_actor(2));
        (bool ok,) = address(hive).call(abi.encodeCall(IHive.fund, (1, 1e18)));
        require(!ok, "P15: two funds at once");
        _checkTokens();
    }

    function test_P15_claim_within_claim_pays_once() external {
        for (uint256 i = 0; i < 5; ++i) {
            TermModel storage term = _terms[_leadUntilOwed()];
            Claim[] memory claims = new Claim[](1);
            claims[0] = Claim(term.task, term.kind, term.index, term.ended ? term.to : 0, 0);
            HostileToken hostile = _hostile();
            hostile.reenter(address(hive), _actor(STRANGER), abi.encodeCall(IHive.claim, (term.node, claims)));
            _claim(_actor(STRANGER), term.node, claims);
            _holdsStill("P15: a claim within a claim", hostile);
        }
    }

    function test_P15_withdrawal_of_escrow_within_another_is_refused() external {
        HostileToken hostile = _hostile();
        address sponsor = _tasks[1].sponsor;
        // Once it is there and twice it is not, though the hive has as much of other tasks.
        uint128 most = uint128(_tasks[1].escrow / 2 + 1);
        hostile.reenter(address(hive), sponsor, abi.encodeCall(IHive.withdrawEscrow, (1, most)));
        _withdrawEscrow(sponsor, 1, most);
        _holdsStill("P15: a withdrawal within a withdrawal", hostile);
    }

    function test_P15_withdrawal_of_stake_within_another_is_refused() external {
        uint32 id = uint32(_nodes.length);
        _register(_actor(14), _actor(14), 3, 7e18);
        _requestExit(_actor(14), id);
        _reach(_now + 7 days);
        HostileToken hostile = _hostile();
        hostile.reenter(address(registry), _actor(14), abi.encodeCall(INodeRegistry.withdraw, (id)));
        _withdraw(_actor(14), id);
        _holdsStill("P15: a withdrawal within a withdrawal", hostile);
    }

    function test_P15_cancellation_within_its_slash_is_refused() external {
        uint64 t = _withhold();
        _reach(_latest(t).deadline);
        HostileToken hostile = _hostile();
        bytes memory again = abi.encodeCall(IHive.cancelRound, (t, _tasks[t].latest));
        hostile.reenter(address(hive), _actor(STRANGER), again);
        _cancelRound(_actor(STRANGER), t, _tasks[t].latest);
        _holdsStill("P15: a cancellation within a cancellation", hostile);
    }

    /// @dev P2, where the token will not do its part.
    function test_P2_a_round_ends_though_the_token_does_not_burn() external {
        uint64 t = _withhold();
        _reach(_latest(t).deadline);
        _hostile().refuseBurns();
        vm.prank(_actor(STRANGER));
        (bool ok,) = address(hive).call(abi.encodeCall(IHive.cancelRound, (t, _tasks[t].latest)));
        require(ok, "P2: no round ends while the token does not burn");
    }

    // P8: cost

    function test_P8_cost_does_not_grow_with_nodes_tasks_and_rounds() external {
        vm.prank(_actor(2));
        hive.fund(1, uint128(100 * uint256(_tasks[1].config.reward)));
        _measure();
        uint256[6] memory before = _measure();
        for (uint256 i = 0; i < 20; ++i) {
            vm.prank(_actor(14));
            registry.register(address(uint160(0xBEEF + i)), 3, 0);
            vm.prank(_actor(14));
            hive.createTask(_tasks[1].config, bytes32(i + 1));
        }
        for (uint256 i = 0; i < 20; ++i) _roundOf1();
        uint256[6] memory later = _measure();
        for (uint256 i = 0; i < 6; ++i) {
            // What is compared is a step more for each of 20: the least is 100 gas for a slot looked at.
            require(later[i] < before[i] + 1000, string.concat("P8: the cost grows of call ", vm.toString(i)));
        }
    }

    /// @dev Cost of registering, creating, opening, submitting, refusing to free a shard, and claiming one round.
    function _measure() private returns (uint256[6] memory costs) {
        address newcomer = address(uint160(uint256(keccak256(abi.encode(_nodes.length, gasleft())))));
        costs[0] = _cost(address(registry), _actor(14), abi.encodeCall(INodeRegistry.register, (newcomer, 3, 0)), true);
        costs[1] = _cost(address(hive), _actor(14), abi.encodeCall(IHive.createTask, (_tasks[1].config, "x")), true);
        costs[2] = _cost(address(hive), _actor(14), abi.encodeCall(IHive.openRound, (1)), true);
        ++_tasks[1].latest;
        SlotModel storage slot = _tasks[1].slots[Kind.Update][0];
        bytes memory data = abi.encodeCall(IHive.submitUpdate, (1, _tasks[1].latest, 0, "u", G1(0, 0, 0)));
        costs[3] = _cost(address(hive), slot.operator, data, true);
        _finish1();
        costs[4] = _cost(address(hive), _actor(14), abi.encodeCall(IHive.freeShard, (1, 0)), false);
        Claim[] memory claims = new Claim[](1);
        claims[0] = Claim(1, Kind.Update, 0, 0, _tasks[1].latest);
        costs[5] = _cost(address(hive), _actor(14), abi.encodeCall(IHive.claim, (slot.node, claims)), true);
    }

    function _cost(address to, address who, bytes memory data, bool must) private returns (uint256 gas) {
        vm.prank(who);
        gas = gasleft();
        (bool ok,) = to.call(data);
        gas -= gasleft();
        require(ok == must, string.concat("P8: not measured: ", vm.toString(data)));
    }

    function _roundOf1() private {
        hive.openRound(1);
        ++_tasks[1].latest;
        vm.prank(_tasks[1].slots[Kind.Update][0].operator);
        hive.submitUpdate(1, _tasks[1].latest, 0, "u", G1(0, 0, 0));
        _finish1();
        Claim[] memory claims = new Claim[](1);
        claims[0] = Claim(1, Kind.Update, 0, 0, 0);
        hive.claim(_tasks[1].slots[Kind.Update][0].node, claims);
    }

    /// @dev Task 1's round becomes final, with one update more than that of shard 0. The model takes no part in it.
    function _finish1() private {
        uint32 id = _tasks[1].latest;
        SlotModel storage other = _tasks[1].slots[Kind.Update][1];
        vm.prank(other.operator);
        hive.submitUpdate(1, id, 1, "u", G1(0, 0, 0));
        _reach(_now + _tasks[1].config.trainSeconds);
        bytes memory row = hex"6464646464";
        bytes[] memory scores = new bytes[](3);
        for (uint8 s = 0; s < 3; ++s) {
            SlotModel storage seat = _tasks[1].slots[Kind.Verdict][s];
            vm.prank(seat.operator);
            hive.commitVerdict(1, id, s, keccak256(abi.encode(1, id, seat.node, keccak256(row), bytes32(0), bytes32(0))));
            scores[s] = row;
        }
        for (uint8 s = 0; s < 3; ++s) {
            vm.prank(_tasks[1].slots[Kind.Verdict][s].operator);
            hive.revealVerdict(1, id, s, row, 0, 0);
        }
        Update[] memory updates = new Update[](2);
        updates[0] = Update(0, _tasks[1].slots[Kind.Update][0].node, "u", G1(0, 0, 0));
        updates[1] = Update(1, other.node, "u", G1(0, 0, 0));
        hive.tally(1, id, updates, scores);
        for (uint8 s = 0; s < 2; ++s) {
            vm.prank(_tasks[1].slots[Kind.Verdict][s].operator);
            hive.attestModel(1, id, s, "m");
        }
    }

    // Getting there

    function _hostile() private returns (HostileToken) {
        vm.etch(address(token), address(new HostileToken()).code);
        return HostileToken(address(token));
    }

    function _holdsStill(string memory what, HostileToken hostile) private view {
        require(bytes(_broken).length == 0, string.concat(what, ": ", _broken));
        require(hostile.entered() == 0, string.concat(what, " went through"));
        _checkTokens();
    }

    function _leadUntilOwed() private returns (uint256) {
        for (uint256 seed = 0; seed < 2000; ++seed) {
            for (uint256 i = 0; i < _terms.length; ++i) if (_isOwed(_terms[i])) return i;
            this.lead(seed);
        }
        revert("nobody ever earned anything");
    }

    /// @dev A round of task 1 in Reveal, in which nobody reveals.
    function _withhold() private returns (uint64 t) {
        t = 1;
        _openRound(_actor(0), t);
        for (uint16 s = 0; s < 4; ++s) _submitUpdate(_tasks[t].slots[Kind.Update][s].operator, t, 1, s, "u", 12);
        for (uint8 s = 0; s < 3; ++s) {
            VerdictModel memory v;
            v.hash = bytes32(uint256(1));
            _commitVerdict(_tasks[t].slots[Kind.Verdict][s].operator, t, 1, s, v);
        }
        require(_latest(t).phase == Phase.Reveal && bytes(_broken).length == 0, "no round to withhold in");
    }
}
