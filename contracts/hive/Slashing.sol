// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Bits} from "../libraries/Bits.sol";
import {Progress} from "../libraries/ProgressBits.sol";
import {HiveState} from "./HiveState.sol";

/// @title Slashing
/// @notice The price of a verdict that was committed and not revealed.
abstract contract Slashing is HiveState {
    using Bits for uint24;

    /// @dev At most as many calls as there are seats. The last thing that an entry point does: it calls out.
    function _slashUnrevealed(uint64 taskId, uint32 roundId, Progress p) internal {
        TaskState storage t = _tasks[taskId];
        uint24 withheld = p.committed() & ~p.revealed();
        for (uint8 seatId = 0; withheld >> seatId != 0; ++seatId) {
            if (!withheld.has(seatId)) continue;
            // INVARIANT: a seat with a commit is bound to its node until the round is over, so this is who committed.
            uint32 nodeId = _seat(t, seatId).node;
            // One call for each seat at most, to the registry that this hive deployed, which calls nothing but the
            // token's burn. The event tells what it burned.
            // slither-disable-next-line calls-loop,reentrancy-events
            uint96 burned = _registry().slash(nodeId, t.config.slashAmount);
            emit SeatSlashed(taskId, roundId, nodeId, seatId, burned);
        }
    }
}
