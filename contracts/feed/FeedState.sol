// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IAlertFeed} from "../interfaces/IAlertFeed.sol";
import {IHive} from "../interfaces/IHive.sol";
import {INodeRegistry} from "../interfaces/INodeRegistry.sol";

/// @title FeedState
/// @notice What an alert feed remembers. Every part of the feed stands on this one alone.
abstract contract FeedState is IAlertFeed {
    using SafeERC20 for IERC20;

    /// @dev `posts` is IAlertFeed.postsOn, `appeal` IAlertFeed.appealOn: one slot.
    struct Subject {
        uint24 posts;
        uint32 appeal;
        mapping(uint8 post => Entry entry) entries;
    }

    // Constants

    /// @dev Role of INodeRegistry.
    uint8 internal constant MONITOR = 4;

    // Immutables

    /// @inheritdoc IAlertFeed
    address public immutable hive;

    /// @inheritdoc IAlertFeed
    uint64 public immutable task;

    /// @inheritdoc IAlertFeed
    address public immutable registry;

    /// @inheritdoc IAlertFeed
    address public immutable token;

    // Storage

    /// @inheritdoc IAlertFeed
    uint128 public escrow;

    /// @inheritdoc IAlertFeed
    uint128 public locked;

    /// @inheritdoc IAlertFeed
    uint32 public appealCount;

    /// @inheritdoc IAlertFeed
    mapping(uint32 node => uint256 amount) public owed;

    /// @inheritdoc IAlertFeed
    mapping(address appellant => uint256 amount) public bonds;

    /// @inheritdoc IAlertFeed
    mapping(uint32 node => uint8 postAfter) public postOf;

    /// @inheritdoc IAlertFeed
    mapping(uint32 round => bytes32 model) public modelOf;

    Rules internal _rules;

    mapping(uint8 post => Monitor holder) internal _monitors;
    mapping(address subject => Subject state) internal _subjects;
    mapping(uint32 node => Standing standing) internal _standings;
    mapping(uint32 appeal => Appeal state) internal _appeals;

    /// @dev Of each seat: the hash that it committed, then the number of the node that has shown its vote.
    mapping(uint32 appeal => mapping(uint8 seat => bytes32 vote)) internal _votes;

    constructor(address hive_, uint64 task_, Rules memory rules_) {
        _checkRules(rules_);
        if (task_ == 0 || task_ > IHive(hive_).taskCount()) revert UnknownTask(task_);
        hive = hive_;
        task = task_;
        registry = IHive(hive_).registry();
        token = IHive(hive_).token();
        _rules = rules_;
        emit FeedCreated(hive_, task_, rules_);
    }

    // Internals

    function _registry() internal view returns (INodeRegistry) {
        return INodeRegistry(registry);
    }

    function _hive() internal view returns (IHive) {
        return IHive(hive);
    }

    /// @dev INVARIANT: what comes in is backed one for one: a token that takes a fee, or that calls back in here
    /// meanwhile, does not get past this.
    function _pull(uint256 amount) internal {
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = IERC20(token).balanceOf(address(this)) - before;
        if (received != amount) revert WrongTransfer(received, amount);
    }

    function _push(address to, uint256 amount) internal {
        IERC20(token).safeTransfer(to, amount);
    }

    /// @dev Whether an alert counts now: neither over nor its post given up since.
    function _isLive(Entry memory entry, uint8 postId) internal view returns (bool) {
        return entry.expiry > block.timestamp && _monitors[postId].node == entry.node;
    }

    function _checkRules(Rules memory r) private pure {
        _check(r.posts >= 1 && r.posts <= 24, "posts", r.posts);
        _check(r.quorum >= 1 && r.quorum <= r.posts, "quorum", r.quorum);
        _check(r.categories >= 1, "categories", r.categories);
        _check(r.longestSeconds >= 1 && r.longestSeconds <= 400 days, "longestSeconds", r.longestSeconds);
        _check(r.standSeconds <= r.longestSeconds, "standSeconds", r.standSeconds);
        _check(r.voteSeconds >= 1 && r.voteSeconds <= 30 days, "voteSeconds", r.voteSeconds);
        _check(r.revealSeconds >= 1 && r.revealSeconds <= 30 days, "revealSeconds", r.revealSeconds);
    }

    function _check(bool holds, string memory rule, uint256 value) private pure {
        if (!holds) revert InvalidRules(rule, value);
    }
}
