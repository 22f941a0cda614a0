// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAlertFeed} from "../interfaces/IAlertFeed.sol";
import {IHiveTypes} from "../interfaces/IHiveTypes.sol";
import {Bits} from "../libraries/Bits.sol";
import {Rewards} from "./Rewards.sol";

/// @title Alerts
/// @notice What monitors say, and take back.
abstract contract Alerts is Rewards {
    using Bits for uint24;

    uint16 private constant ALL_BPS = 10_000;

    // Saying

    /// @inheritdoc IAlertFeed
    function postAlerts(uint8 postId, uint32 roundId, Alert[] calldata alerts) external {
        Monitor storage m = _monitors[postId];
        if (msg.sender != m.operator) revert NotOperator(msg.sender, m.operator);
        _noteModel(roundId);
        uint32 nodeId = m.node;
        uint256 counted = 0;
        for (uint256 i = 0; i < alerts.length; ++i) {
            if (_post(postId, nodeId, roundId, alerts[i])) ++counted;
        }
        if (counted == 0) revert NothingPosted(alerts.length);
    }

    // Taking back

    /// @inheritdoc IAlertFeed
    function retract(uint32 nodeId, uint8 postId, address[] calldata subjects) external {
        if (!_registry().actsFor(nodeId, msg.sender)) revert NotHolder(msg.sender, nodeId);
        for (uint256 i = 0; i < subjects.length; ++i) {
            Subject storage s = _subjects[subjects[i]];
            Entry memory entry = s.entries[postId];
            if (entry.node != nodeId || !s.posts.has(postId)) revert NoAlert(subjects[i], postId, nodeId);
            if (entry.locked) _settle(s, subjects[i], postId, false);
            delete s.entries[postId];
            s.posts = s.posts.without(postId);
            ++_standings[nodeId].retracted;
            emit AlertRetracted(subjects[i], nodeId, postId);
        }
    }

    // Views

    /// @inheritdoc IAlertFeed
    function alertOf(address subject, uint8 postId) external view returns (Entry memory) {
        return _subjects[subject].entries[postId];
    }

    /// @inheritdoc IAlertFeed
    function standingOf(uint32 nodeId) external view returns (Standing memory) {
        return _standings[nodeId];
    }

    // Internals

    /// @dev INVARIANT: the model of an alert is the hive's own word, not the monitor's.
    function _noteModel(uint32 roundId) private {
        if (modelOf[roundId] != 0) return;
        IHiveTypes.RoundView memory r = _hive().round(task, roundId);
        if (r.phase != IHiveTypes.Phase.Final) revert NotFinal(roundId);
        modelOf[roundId] = r.model;
        emit ModelNoted(roundId, r.model);
    }

    /// @notice Posts or renews one alert.
    /// @return counts False for what the time or others may have brought about since the caller looked.
    function _post(uint8 postId, uint32 nodeId, uint32 roundId, Alert calldata a) private returns (bool counts) {
        _checkAlert(a);
        uint256 longest = _rules.longestSeconds;
        uint256 expiry = a.expiry < block.timestamp + longest ? a.expiry : block.timestamp + longest;
        Subject storage s = _subjects[a.subject];
        Entry memory entry = s.entries[postId];
        if (expiry <= block.timestamp || _isBarred(entry, longest)) return false;
        if (!(entry.node == nodeId && entry.expiry > block.timestamp)) {
            if (entry.locked) {
                // What the open appeal makes of the earlier alert is not known yet.
                if (s.appeal != 0) return false;
                (bool decided, bool stood) = _fate(s, entry);
                // Undecided only where another node left the post before the alert had stood.
                _settle(s, a.subject, postId, decided && stood);
            }
            entry.node = nodeId;
            entry.since = uint40(block.timestamp);
            entry.locked = _lockReward();
            s.posts = s.posts.with(postId);
            ++_standings[nodeId].posted;
        }
        entry.expiry = uint40(expiry);
        entry.round = roundId;
        entry.probability = a.probability;
        entry.category = a.category;
        s.entries[postId] = entry;
        emit AlertPosted(a.subject, nodeId, postId, entry);
        return true;
    }

    /// @dev An entry that was overturned keeps the time at which it was.
    function _isBarred(Entry memory entry, uint256 longest) private view returns (bool) {
        return entry.node != 0 && entry.expiry == 0 && block.timestamp < entry.since + longest;
    }

    function _checkAlert(Alert calldata a) private view {
        if (a.subject == address(0)) revert ZeroSubject();
        if (a.probability == 0 || a.probability > ALL_BPS) revert WrongProbability(a.subject, a.probability);
        if (a.category >= _rules.categories) revert UnknownCategory(a.subject, a.category);
    }
}
