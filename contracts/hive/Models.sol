// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IHive} from "../interfaces/IHive.sol";
import {Bits} from "../libraries/Bits.sol";
import {Progress} from "../libraries/ProgressBits.sol";
import {HiveState} from "./HiveState.sol";

/// @title Models
/// @notice The quorum on the model that the accepted updates make.
abstract contract Models is HiveState {
    using Bits for uint24;

    // Attesting

    /// @inheritdoc IHive
    function attestModel(uint64 taskId, uint32 roundId, uint8 seatId, bytes32 model) external {
        TaskState storage t = _tasks[taskId];
        uint32 nodeId = _nodeOfCaller(_seat(t, seatId));
        if (model == 0) revert ZeroDigest();
        RoundState storage r = t.rounds[roundId];
        Progress p = _inPhase(t, r, Phase.Attest);
        if (p.attested().has(seatId)) revert AlreadyAttested(seatId);
        p = p.withAttestation(seatId);
        r.progress = p;
        uint24 agreeing = r.attestations[model].with(seatId);
        r.attestations[model] = agreeing;
        emit ModelAttested(taskId, roundId, nodeId, seatId, model);
        if (agreeing.count() >= t.config.quorum) _finalize(taskId, roundId, p, model, agreeing);
    }

    // Internals

    /// @dev INVARIANT: reached once a round, for the phase is over with it: a final model never changes.
    function _finalize(uint64 taskId, uint32 roundId, Progress p, bytes32 model, uint24 agreeing) private {
        TaskState storage t = _tasks[taskId];
        RoundState storage r = t.rounds[roundId];
        r.progress = p.enter(Phase.Final, 0);
        Pay memory pay = r.pay;
        pay.parent = p.baseRound() + 1;
        // Who named another model judged without computing it. Its share goes back to the escrow, so that nobody gains.
        pay.paid &= ~(p.attested() & ~agreeing);
        r.pay = pay;
        r.model = model;
        t.lastFinal = roundId;
        ++t.finals;
        // INVARIANT: what updates and seats can claim and what returns add up to the reward exactly.
        uint256 owed = uint256(pay.rate) * pay.worth + pay.share * pay.paid.count();
        uint128 returned = uint128(t.config.reward - owed);
        t.escrow += returned;
        emit RoundFinalized(taskId, roundId, model, pay.paid, returned);
    }
}
