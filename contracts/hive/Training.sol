// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Hashes} from "../libraries/Hashes.sol";
import {Progress} from "../libraries/ProgressBits.sol";
import {HiveState} from "./HiveState.sol";

/// @title Training
/// @notice What it takes for an update to count, whichever way it comes.
abstract contract Training is HiveState {
    /// @dev The progress at present, in the train phase. It is the first phase, so what is stored is the present unless
    /// its deadline has passed.
    function _training(TaskState storage t, RoundState storage r) internal view returns (Progress p) {
        p = r.progress;
        if (p.phase() != Phase.Train || block.timestamp >= p.deadline()) p = _inPhase(t, r, Phase.Train);
    }

    /// @dev One more update, which may be the last that the quota wants.
    function _counted(Progress p) internal view returns (Progress) {
        p = p.withUpdate();
        // Goes up by one at a time, so it cannot pass the quota by.
        // slither-disable-next-line incorrect-equality
        if (p.submitted() == p.updateQuota()) p = p.enter(Phase.Judge, block.timestamp + p.judgeSeconds());
        return p;
    }

    /// @dev The caller has seen that the shard has none in this round.
    function _store(
        TaskState storage t,
        uint64 taskId,
        uint32 roundId,
        uint16 shardId,
        uint32 nodeId,
        bytes32 digest,
        G1 calldata commitment
    ) internal {
        t.updates[shardId] = Hashes.ofUpdate(roundId, shardId, nodeId, digest, commitment);
        emit UpdateSubmitted(taskId, roundId, nodeId, shardId, digest, commitment);
    }
}
