// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Alerts} from "./feed/Alerts.sol";
import {Appeals} from "./feed/Appeals.sol";
import {FeedState} from "./feed/FeedState.sol";
import {Posts} from "./feed/Posts.sol";

/// @title AlertFeed
/// @notice Which addresses are dangerous, by the models of one task; IAlertFeed is the specification.
contract AlertFeed is Posts, Alerts, Appeals {
    /// @param hive_ The hive.
    /// @param task_ One of its tasks.
    /// @param rules_ See Rules; they never change.
    constructor(address hive_, uint64 task_, Rules memory rules_) FeedState(hive_, task_, rules_) {}
}
