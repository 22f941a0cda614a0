// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IHiveTypes} from "../interfaces/IHiveTypes.sol";
import {Bits} from "./Bits.sol";
import {Progress} from "./ProgressBits.sol";

/// @title Phases
/// @notice The clock of a round.
library Phases {
    using Bits for uint24;

    /// @notice Brings a stored progress to a time: what is stored is the phase that the last call left.
    /// @dev INVARIANT: phases only move forward, and one that ended by its deadline ended at its deadline, whenever
    /// somebody calls: the next one gets no longer by nobody calling.
    /// @param c The task's settings.
    /// @param time Unix seconds, not before the last call.
    /// @return now_ The progress with the phase at that time and its deadline.
    /// @return reached The last phase that the round was in, other than Stalled.
    function at(Progress p, IHiveTypes.TaskConfig storage c, uint256 time)
        internal
        view
        returns (Progress now_, IHiveTypes.Phase reached)
    {
        now_ = p;
        reached = p.phase();
        // Only a tally that accepted too few stores a stalled round.
        if (reached == IHiveTypes.Phase.Stalled) return (now_, IHiveTypes.Phase.Tally);
        while (
            reached >= IHiveTypes.Phase.Train && reached <= IHiveTypes.Phase.Attest && time >= now_.deadline()
        ) {
            uint256 deadline = now_.deadline();
            if (reached == IHiveTypes.Phase.Train && p.submitted() >= c.minUpdates) {
                now_ = now_.enter(IHiveTypes.Phase.Judge, deadline + c.judgeSeconds);
            } else if (reached == IHiveTypes.Phase.Judge && p.committed().count() >= c.quorum) {
                now_ = now_.enter(IHiveTypes.Phase.Reveal, deadline + c.revealSeconds);
            } else if (reached == IHiveTypes.Phase.Reveal && p.revealed().count() >= c.quorum) {
                now_ = now_.enter(IHiveTypes.Phase.Tally, deadline + c.tallySeconds);
            } else {
                return (now_.enter(IHiveTypes.Phase.Stalled, 0), reached);
            }
            reached = now_.phase();
        }
    }
}
