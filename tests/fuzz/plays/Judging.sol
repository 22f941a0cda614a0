// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IHive} from "../../../contracts/interfaces/IHive.sol";
import {Signing} from "./Signing.sol";

/// @title Judging
/// @notice Verdicts, hidden and shown.
abstract contract Judging is Signing {
    // Moves

    function commitVerdict(uint256 seed) external {
        _enter(seed);
        uint64 t = _taskIn(Phase.Judge);
        uint8 seat = _seatWithout(t, _latest(t).commits);
        SlotModel storage slot = _tasks[t].slots[Kind.Verdict][seat];
        _commitVerdict(_mostly(slot.operator), t, _roundOf(t), seat, _anyVerdict(t, slot.node));
    }

    function revealVerdict(uint256 seed) external {
        _enter(seed);
        uint64 t = _taskIn(Phase.Reveal);
        RoundModel storage r = _latest(t);
        uint8 seat = _seatWithout(t, r.reveals | ~r.commits);
        VerdictModel memory shown = r.verdicts[seat];
        uint256 flaw = _draw(24);
        if (flaw == 0 && shown.scores.length != 0) shown.scores[0] ^= 0x01;
        else if (flaw == 1) shown.scores = new bytes(shown.scores.length + 1);
        else if (flaw == 2) shown.content ^= bytes32(uint256(1));
        else if (flaw == 3) shown.salt ^= bytes32(uint256(1));
        // Somebody else's verdict, whose hash may have been copied.
        else if (flaw == 4) shown = r.verdicts[_anySeat(t)];
        // What was committed in the round before, perhaps for this one.
        else if (flaw < 7 && _tasks[t].latest != 0) shown = _tasks[t].rounds[_tasks[t].latest - 1].verdicts[seat = _anySeat(t)];
        _revealVerdict(_mostly(_tasks[t].slots[Kind.Verdict][seat].operator), t, _roundOf(t), seat, shown);
    }

    function attestModel(uint256 seed) external {
        _enter(seed);
        uint64 t = _taskIn(Phase.Attest);
        uint8 seat = _seatWithout(t, _latest(t).attests);
        uint32 id = _roundOf(t);
        bytes32 model = _once(64) ? bytes32(0) : _model(t, id, _once(5) ? 1 : 0);
        _attestModel(_mostly(_tasks[t].slots[Kind.Verdict][seat].operator), t, id, seat, model);
    }

    // What they come down to

    function _commitVerdict(address who, uint64 t, uint32 id, uint8 seat, VerdictModel memory v) internal {
        SlotModel storage slot = _tasks[t].slots[Kind.Verdict][seat];
        RoundModel storage r = _tasks[t].rounds[id];
        string memory refusal = "";
        if (slot.node == 0 || who != slot.operator) refusal = "P11: a verdict by another than the operator";
        else if (v.hash == 0) refusal = "P10: an empty commit";
        else if (r.phase != Phase.Judge) refusal = "P7: a commit outside of its phase";
        else if (_has(r.commits, seat)) refusal = "P10: a second commit";
        if (!_toHive(who, abi.encodeCall(IHive.commitVerdict, (t, id, seat, v.hash)), refusal)) return;
        v.node = slot.node;
        r.verdicts[seat] = v;
        r.commits |= uint24(2 ** seat);
        if (_bits(r.commits) == _tasks[t].config.verdictQuota) {
            _begin(r, Phase.Reveal, _now + _tasks[t].config.revealSeconds);
        }
    }

    function _revealVerdict(address who, uint64 t, uint32 id, uint8 seat, VerdictModel memory v) internal {
        SlotModel storage slot = _tasks[t].slots[Kind.Verdict][seat];
        RoundModel storage r = _tasks[t].rounds[id];
        bytes32 hash = _hashOf(t, id, slot.node, v);
        string memory refusal = "";
        if (slot.node == 0 || who != slot.operator) refusal = "P11: a verdict by another than the operator";
        else if (r.phase != Phase.Reveal) refusal = "P7: a reveal outside of its phase";
        else if (v.scores.length != _tasks[t].config.shards) refusal = "P6: scores of another number";
        else if (!_has(r.commits, seat) || r.verdicts[seat].hash != hash) refusal = "P10: another verdict than committed";
        else if (r.verdicts[seat].revealed) refusal = "P10: a second reveal";
        bytes memory data = abi.encodeCall(IHive.revealVerdict, (t, id, seat, v.scores, v.content, v.salt));
        if (!_toHive(who, data, refusal)) return;
        (r.verdicts[seat].scores, r.verdicts[seat].revealed) = (v.scores, true);
        r.reveals |= uint24(2 ** seat);
        if (r.reveals == r.commits) _begin(r, Phase.Tally, _now + _tasks[t].config.tallySeconds);
    }

    function _attestModel(address who, uint64 t, uint32 id, uint8 seat, bytes32 model) internal {
        SlotModel storage slot = _tasks[t].slots[Kind.Verdict][seat];
        RoundModel storage r = _tasks[t].rounds[id];
        string memory refusal = "";
        if (slot.node == 0 || who != slot.operator) refusal = "P11: attested by another than the operator";
        else if (model == 0) refusal = "P3: a model without a digest";
        else if (r.phase != Phase.Attest) refusal = "P7: attested outside of the phase";
        else if (_has(r.attests, seat)) refusal = "P10: a second attestation";
        if (!_toHive(who, abi.encodeCall(IHive.attestModel, (t, id, seat, model)), refusal)) return;
        r.attests |= uint24(2 ** seat);
        r.verdicts[seat].model = model;
        if (_agreeing(r, model) == _tasks[t].config.quorum) _finish(t, id, model);
    }

    /// @dev The round became final.
    function _finish(uint64 t, uint32 id, bytes32 model) internal virtual;

    function _agreeing(RoundModel storage r, bytes32 model) internal view returns (uint256 n) {
        for (uint8 s = 0; s < 24; ++s) if (r.verdicts[s].model == model) ++n;
    }

    /// @dev Model number `which` that somebody may name: 0 is the true one.
    function _model(uint64 t, uint32 id, uint256 which) internal pure returns (bytes32) {
        return keccak256(abi.encode("model", t, id, which));
    }

    /// @dev What a verdict is committed by.
    function _hashOf(uint64 t, uint32 id, uint32 node, VerdictModel memory v) internal pure returns (bytes32) {
        return keccak256(abi.encode(t, id, node, keccak256(v.scores), v.content, v.salt));
    }

    // Choosing

    /// @dev A seat with a holder that is not in the set, if it is easily found.
    function _seatWithout(uint64 t, uint24 set) internal returns (uint8 seat) {
        for (uint256 i = 0; i < 8; ++i) {
            seat = uint8(_held(t, Kind.Verdict));
            if (!_has(set, seat)) break;
        }
    }

    function _anyVerdict(uint64 t, uint32 node) internal returns (VerdictModel memory v) {
        v.content = _digest();
        v.salt = _digest();
        v.scores = _anyScores(_tasks[t].config.shards);
        v.hash = _hashOf(t, _tasks[t].latest, node, v);
        // An empty one, one that nobody can show, one for the round after and a copy of another seat's.
        uint256 flaw = _draw(40);
        if (flaw == 0) {
            v.hash = 0;
        } else if (flaw == 1) {
            v.hash = _digest();
        } else if (flaw == 2) {
            v.hash = _hashOf(t, _tasks[t].latest + 1, node, v);
        } else if (flaw == 3) {
            VerdictModel memory other = _latest(t).verdicts[_anySeat(t)];
            if (other.hash != 0 && !other.revealed) v = other;
        }
    }

    /// @dev Scores close to what others give, with some that reject, and some wild ones.
    function _anyScores(uint256 n) private returns (bytes memory scores) {
        scores = new bytes(n);
        uint256 manner = _draw(4);
        bytes32 chance = _digest();
        for (uint256 i = 0; i < n; ++i) {
            uint8 die = uint8(chance[i % 32]);
            if (manner == 0) scores[i] = bytes1(die);
            else if (manner == 1 && die < 100) scores[i] = 0;
            else scores[i] = bytes1(uint8(100 + i % 7 * 20 + die % 8));
        }
    }
}
