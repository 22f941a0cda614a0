// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Examples} from "./Examples.sol";

/// @title Sequences
/// @notice What chance seldom finds, for it takes several steps in order.
abstract contract Sequences is Examples {
    function test_P10_a_verdict_committed_a_round_ahead_is_not_revealed() external {
        _toJudge();
        VerdictModel memory ahead = _verdict(0);
        ahead.hash = _hashOf(1, 2, _seat(0).node, ahead);
        _commitVerdict(_seat(0).operator, 1, 1, 0, ahead);
        for (uint8 s = 1; s < 3; ++s) _commitVerdict(_seat(s).operator, 1, 1, s, _verdict(s));
        _reach(_latest(1).deadline);
        _cancelRound(_actor(STRANGER), 1, 1);
        _toJudge();
        for (uint8 s = 1; s < 3; ++s) _commitVerdict(_seat(s).operator, 1, 2, s, _verdict(s));
        _reach(_latest(1).deadline);
        require(_latest(1).phase == Phase.Reveal, "no verdict to be revealed");
        _revealVerdict(_seat(0).operator, 1, 2, 0, ahead);
        _requireUnbroken();
    }

    function test_P5_an_ended_term_is_not_paid_for_its_successors_rounds() external {
        SlotModel storage slot = _tasks[1].slots[Kind.Update][0];
        for (uint32 id = 1; id < 3; ++id) {
            _toAttest();
            for (uint8 s = 0; s < 2; ++s) _attestModel(_seat(s).operator, 1, id, s, _model(1, id, 0));
            require(_latest(1).phase == Phase.Final, "no final round");
            if (id == 2) break;
            uint32 first = slot.node;
            _release(slot.operator, 1, Kind.Update, 0);
            _take(_nodes[first % 6 + 1].operator, 1, Kind.Update, 0);
            require(slot.node == first % 6 + 1, "no successor");
        }
        Claim[] memory claims = new Claim[](1);
        claims[0] = Claim(1, Kind.Update, 0, 1, 2);
        _claim(_actor(STRANGER), (slot.node + 4) % 6 + 1, claims);
        _requireUnbroken();
    }

    function test_P6_a_slice_that_leaves_an_update_out_is_refused() external {
        _toTally();
        Update[] memory second = new Update[](1);
        second[0] = _uncounted(1, 1)[1];
        _tally(_actor(STRANGER), 1, 1, second, _revealed(1, 1));
        _requireUnbroken();
    }

    function test_P10_who_attested_does_not_take_another_seat_in_the_round() external {
        _toAttest();
        // The third never committed, so only its attestation can hold it.
        _attestModel(_seat(2).operator, 1, 1, 2, _model(1, 1, 1));
        _release(_seat(2).operator, 1, Kind.Verdict, 2);
        _requireUnbroken();
    }

    /// @dev The second slice begins in a word of medians to which it adds none.
    function test_P14_a_slice_tells_the_medians_of_the_word_that_it_begins_in() external {
        _openRound(_actor(6), 2);
        for (uint16 i = 0; i < 2; ++i) {
            SlotModel storage slot = _tasks[2].slots[Kind.Update][_far(i)];
            require(slot.node != 0, "a shard without a holder");
            _submitUpdate(slot.operator, 2, 1, _far(i), "u", 12);
        }
        _reach(_latest(2).deadline);
        for (uint8 s = 0; s < 3; ++s) {
            SlotModel storage seat = _tasks[2].slots[Kind.Verdict][s];
            VerdictModel memory v;
            v.scores = new bytes(70);
            for (uint256 i = 0; i < 70; ++i) v.scores[i] = 0x64;
            v.hash = _hashOf(2, 1, seat.node, v);
            _commitVerdict(seat.operator, 2, 1, s, v);
        }
        _reach(_latest(2).deadline);
        for (uint8 s = 0; s < 3; ++s) {
            _revealVerdict(_tasks[2].slots[Kind.Verdict][s].operator, 2, 1, s, _latest(2).verdicts[s]);
        }
        for (uint256 i = 0; i < 2; ++i) _tally(_actor(STRANGER), 2, 1, _cut(_uncounted(2, 1), 1), _revealed(2, 1));
        require(_latest(2).phase == Phase.Attest, "no slice was the last");
        _requireUnbroken();
        ledger.compareTask(hive, 2, _shards(2));
    }

    /// @dev A shard of the first word of task 2, and one of its last.
    function _far(uint256 i) private view returns (uint16) {
        uint16[] memory shards = _shards(2);
        return i == 0 ? shards[0] : shards[shards.length - 1];
    }

    /// @dev A round of task 1 with all its updates.
    function _toJudge() private {
        _openRound(_actor(0), 1);
        for (uint16 s = 0; s < 4; ++s) {
            _submitUpdate(_tasks[1].slots[Kind.Update][s].operator, 1, _tasks[1].latest, s, "u", 12);
        }
        require(_latest(1).phase == Phase.Judge, "no update to be judged");
    }

    /// @dev A round of task 1 in which two of three validators judged.
    function _toTally() private {
        _toJudge();
        uint32 id = _tasks[1].latest;
        for (uint8 s = 0; s < 2; ++s) _commitVerdict(_seat(s).operator, 1, id, s, _verdict(s));
        _reach(_latest(1).deadline);
        for (uint8 s = 0; s < 2; ++s) _revealVerdict(_seat(s).operator, 1, id, s, _latest(1).verdicts[s]);
        require(_latest(1).phase == Phase.Tally, "no update to be counted");
    }

    function _toAttest() private {
        _toTally();
        uint32 id = _tasks[1].latest;
        _tally(_actor(STRANGER), 1, id, _uncounted(1, id), _revealed(1, id));
        require(_latest(1).phase == Phase.Attest, "no model to be attested");
    }

    function _seat(uint8 seat) private view returns (SlotModel storage) {
        return _tasks[1].slots[Kind.Verdict][seat];
    }

    /// @dev All updates are worth the same; committed for the round that is open.
    function _verdict(uint8 seat) private view returns (VerdictModel memory v) {
        v.scores = hex"6464646464";
        v.hash = _hashOf(1, _tasks[1].latest, _seat(seat).node, v);
    }

    function _requireUnbroken() private view {
        require(bytes(_broken).length == 0, _broken);
    }
}
