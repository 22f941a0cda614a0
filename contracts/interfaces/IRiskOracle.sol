// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAlertFeedTypes} from "./IAlertFeedTypes.sol";

/// @title IRiskOracle
/// @notice All that a contract needs to know of an alert feed to act on it. See IAlertFeed.riskOf.
interface IRiskOracle is IAlertFeedTypes {
    /// @notice What the feed says of an address now.
    function riskOf(address subject) external view returns (Risk memory);
}
