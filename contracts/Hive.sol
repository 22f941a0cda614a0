// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {HiveState} from "./hive/HiveState.sol";
import {Batches} from "./hive/Batches.sol";
import {Claims} from "./hive/Claims.sol";
import {Models} from "./hive/Models.sol";
import {Rounds} from "./hive/Rounds.sol";
import {Slots} from "./hive/Slots.sol";
import {Tally} from "./hive/Tally.sol";
import {Tasks} from "./hive/Tasks.sol";
import {Verdicts} from "./hive/Verdicts.sol";
import {Views} from "./hive/Views.sol";

/// @title Hive
/// @notice Tasks and their rounds; IHive is the specification. Each part stands on HiveState alone, beside the others.
contract Hive is Tasks, Slots, Rounds, Batches, Verdicts, Tally, Models, Claims, Views {
    /// @dev Deploys its NodeRegistry.
    /// @param token_ What is paid and staked.
    /// @param verifySums_ Whether to add commitments with the precompile of EIP-2537. Reverts PrecompileMissing if the
    /// chain has none; false is for such chains.
    constructor(address token_, bool verifySums_) HiveState(token_, verifySums_) {}
}
