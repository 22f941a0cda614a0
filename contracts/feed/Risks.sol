// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAlertFeed} from "../interfaces/IAlertFeed.sol";
import {Bits} from "../libraries/Bits.sol";
import {Ranks} from "../libraries/Ranks.sol";
import {FeedState} from "./FeedState.sol";

/// @title Risks
/// @notice What all live alerts about an address come to.
abstract contract Risks is FeedState {
    using Bits for uint24;
    using Ranks for uint256[];

    // Views

    /// @inheritdoc IAlertFeed
    function postsOn(address subject) external view returns (uint24) {
        return _subjects[subject].posts;
    }

    /// @inheritdoc IAlertFeed
    function appealOn(address subject) external view returns (uint32) {
        return _subjects[subject].appeal;
    }

    /// @inheritdoc IAlertFeed
    function appealableAt(address subject) external view returns (uint40) {
        return _subjects[subject].appealableAt;
    }

    /// @inheritdoc IAlertFeed
    function pastOf(address subject, uint32 nodeId) external view returns (Past memory) {
        return _subjects[subject].pasts[nodeId];
    }

    /// @inheritdoc IAlertFeed
    function rules() external view returns (Rules memory) {
        return _rules;
    }

    /// @inheritdoc IAlertFeed
    function riskOf(address subject) public view returns (Risk memory risk) {
        Subject storage s = _subjects[subject];
        (uint24 posts, uint32 open) = (s.posts, s.appeal);
        risk.appealed = open != 0;
        uint256 most = posts.count();
        uint256[] memory probabilities = new uint256[](most);
        uint256[] memory categories = new uint256[](most);
        uint256[] memory expiries = new uint256[](most);
        uint32 newest = 0;
        uint256 n = 0;
        for (uint8 p = 0; posts >> p != 0; ++p) {
            if (!posts.has(p)) continue;
            Entry memory entry = s.entries[p];
            if (_endOf(entry) <= block.timestamp) continue;
            probabilities.insert(n, entry.probability);
            categories.insert(n, entry.category);
            expiries.insert(n, entry.expiry);
            if (entry.round > newest) newest = entry.round;
            ++n;
        }
        if (n == 0) return risk;
        uint256 quorum = _rules.quorum;
        risk.monitors = uint8(n);
        risk.probability = uint16(probabilities[(n - 1) / 2]);
        risk.category = uint8(categories.mode(n));
        risk.model = modelOf[newest];
        if (n < quorum) return risk;
        risk.flagged = true;
        // Ascending: of the last `quorum` the first to expire breaks it.
        risk.expiry = uint40(expiries[n - quorum]);
    }
}
