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
        Monitor memory monitor = m;
        // INVARIANT: no alert of a node outlives its stake by more than `longestSeconds`, even if nobody frees its
        // post.
        if (!_active(monitor.node)) revert NotEligible(monitor.node, _rules.minStake);
        _noteModel(roundId);
        uint256 counted = 0;
        for (uint256 i = 0; i < alerts.length; ++i) {
            if (_post(postId, monitor, roundId, alerts[i])) ++counted;
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
            // INVARIANT: nobody takes an alert back to post it again after the appeal that it was under.
            if (s.appeal != 0 && _isAtStake(s, entry)) _bar(s, nodeId);
            if (entry.locked) _settle(s, subjects[i], postId, false);
            delete s.entries[postId];
            _drop(s, postId);
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
    function _post(uint8 postId, Monitor memory monitor, uint32 roundId, Alert calldata a)
        private
        returns (bool counts)
    {
        _checkAlert(a);
        uint256 latest = block.timestamp + _rules.longestSeconds;
        uint256 expiry = a.expiry < latest ? a.expiry : latest;
        if (expiry <= block.timestamp) return false;
        Subject storage s = _subjects[a.subject];
        Entry memory entry = s.entries[postId];
        if (entry.term == monitor.term && entry.expiry > block.timestamp) {
            // INVARIANT: a renewal never shortens, so no alert expires by its author's will while an appeal is open.
            if (expiry < entry.expiry) expiry = entry.expiry;
        } else if (!_begin(s, a.subject, postId, monitor, entry)) {
            return false;
        }
        entry.expiry = uint40(expiry);
        entry.round = roundId;
        entry.probability = a.probability;
        entry.category = a.category;
        s.entries[postId] = entry;
        emit AlertPosted(a.subject, monitor.node, postId, entry);
        return true;
    }

    /// @notice Makes room for a new alert, if there may be one now, and writes into `entry` what is its author's.
    function _begin(Subject storage s, address subject, uint8 postId, Monitor memory monitor, Entry memory entry)
        private
        returns (bool)
    {
        Past memory past = s.pasts[monitor.node];
        if (block.timestamp < past.barredUntil) return false;
        // INVARIANT: what an open appeal is about stays as it is: neither is it replaced, nor does its author post the
        // same from elsewhere.
        if (s.appeal != 0) {
            if (s.posts.has(postId) && _isAtStake(s, entry)) return false;
            if (_isParty(s, monitor.node)) return false;
        }
        if (entry.locked) {
            (bool decided, bool stood) = _fate(s, entry);
            if (!decided) return false;
            _settle(s, subject, postId, stood);
            past = s.pasts[monitor.node];
        }
        entry.node = monitor.node;
        entry.term = monitor.term;
        entry.since = uint40(block.timestamp);
        entry.locked = _lockReward(past);
        s.posts = s.posts.with(postId);
        ++_standings[monitor.node].posted;
        return true;
    }

    function _checkAlert(Alert calldata a) private view {
        if (a.subject == address(0)) revert ZeroSubject();
        if (a.probability == 0 || a.probability > ALL_BPS) revert WrongProbability(a.subject, a.probability);
        if (a.category >= _rules.categories) revert UnknownCategory(a.subject, a.category);
    }
}
