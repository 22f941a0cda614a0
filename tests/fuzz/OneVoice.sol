// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Examples} from "./Examples.sol";

/// @title OneVoice
/// @notice P10: two ways to speak twice that chance seldom finds, for each takes several steps in order.
abstract contract OneVoice is Examples {
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

    function test_P10_who_attested_does_not_take_another_seat_in_the_round() external {
        _toJudge();
        for (uint8 s = 0; s < 2; ++s) _commitVerdict(_seat(s).operator, 1, 1, s, _verdict(s));
        _reach(_latest(1).deadline);
        for (uint8 s = 0; s < 2; ++s) _revealVerdict(_seat(s).operator, 1, 1, s, _latest(1).verdicts[s]);
        _tally(_actor(STRANGER), 1, 1, _uncounted(1, 1), _revealed(1, 1));
        require(_latest(1).phase == Phase.Attest, "no model to be attested");
        // The third never committed, so only its attestation can hold it.
        _attestModel(_seat(2).operator, 1, 1, 2, _model(1, 1, 1));
        _release(_seat(2).operator, 1, Kind.Verdict, 2);
        _requireUnbroken();
    }

    /// @dev A round of task 1 with all its updates.
    function _toJudge() private {
        _openRound(_actor(0), 1);
        for (uint16 s = 0; s < 4; ++s) {
            _submitUpdate(_tasks[1].slots[Kind.Update][s].operator, 1, _tasks[1].latest, s, "u", 12);
        }
        require(_latest(1).phase == Phase.Judge, "no update to be judged");
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
