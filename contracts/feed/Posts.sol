// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAlertFeed} from "../interfaces/IAlertFeed.sol";
import {FeedState} from "./FeedState.sol";

/// @title Posts
/// @notice Who watches from where.
abstract contract Posts is FeedState {
    // Coming

    /// @inheritdoc IAlertFeed
    function takePost(uint8 postId) external {
        if (postId >= _rules.posts) revert OutOfRange(postId, _rules.posts);
        Monitor storage m = _monitors[postId];
        if (m.node != 0) revert PostHeld(postId, m.node);
        uint32 nodeId = _registry().nodeOf(msg.sender);
        if (!_active(nodeId)) revert NotEligible(nodeId, _rules.minStake);
        // INVARIANT: one voice a node, so a quorum counts nodes.
        if (postOf[nodeId] != 0) revert AlreadyPosted(nodeId, postOf[nodeId] - 1);
        m.operator = msg.sender;
        m.node = nodeId;
        m.term = ++termCount;
        postOf[nodeId] = postId + 1;
        emit PostTaken(postId, nodeId, msg.sender, m.term);
    }

    /// @inheritdoc IAlertFeed
    function refreshPost(uint8 postId) external {
        (Monitor storage m, uint32 nodeId) = _held(postId);
        address operator = _registry().operatorOf(nodeId);
        m.operator = operator;
        emit PostRefreshed(postId, nodeId, operator);
    }

    // Going

    /// @inheritdoc IAlertFeed
    function releasePost(uint8 postId) external {
        (, uint32 nodeId) = _held(postId);
        if (!_registry().actsFor(nodeId, msg.sender)) revert NotHolder(msg.sender, nodeId);
        _vacate(postId, nodeId);
        emit PostReleased(postId, nodeId);
    }

    /// @inheritdoc IAlertFeed
    function freePost(uint8 postId) external {
        (, uint32 nodeId) = _held(postId);
        if (_active(nodeId)) revert NotFreeable(postId, nodeId);
        _vacate(postId, nodeId);
        emit PostFreed(postId, nodeId);
    }

    // Views

    /// @inheritdoc IAlertFeed
    function post(uint8 postId) external view returns (Monitor memory) {
        return _monitors[postId];
    }

    // Internals

    /// @dev INVARIANT: what was posted names its term, so nobody who comes after speaks by it or is paid for it, nor
    /// does it count again if the same node comes back.
    function _vacate(uint8 postId, uint32 nodeId) private {
        termEnd[_monitors[postId].term] = uint40(block.timestamp);
        delete postOf[nodeId];
        delete _monitors[postId];
    }

    function _held(uint8 postId) private view returns (Monitor storage m, uint32 nodeId) {
        m = _monitors[postId];
        nodeId = m.node;
        if (nodeId == 0) revert PostFree(postId);
    }
}
