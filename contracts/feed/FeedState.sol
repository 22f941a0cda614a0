// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IAlertFeed} from "../interfaces/IAlertFeed.sol";
import {IHive} from "../interfaces/IHive.sol";
import {INodeRegistry} from "../interfaces/INodeRegistry.sol";
import {Bits} from "../libraries/Bits.sol";

/// @title FeedState
/// @notice What an alert feed remembers. Every part of the feed stands on this one alone.
abstract contract FeedState is IAlertFeed {
    using Bits for uint24;
    using SafeERC20 for IERC20;

    /// @dev `posts` is IAlertFeed.postsOn, `appeal` IAlertFeed.appealOn, `appealableAt` IAlertFeed.appealableAt: one
    /// slot. `pasts` are by node, so that nobody leaves its own behind by changing posts.
    struct Subject {
        uint24 posts;
        uint32 appeal;
        uint40 appealableAt;
        mapping(uint8 post => Entry entry) entries;
        mapping(uint32 node => Past past) pasts;
    }

    /// @dev `votes` are of each seat the hash that it committed, then the number of the node that has shown its vote.
    struct Case {
        Appeal appeal;
        mapping(uint8 seat => bytes32 vote) votes;
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
    uint32 public termCount;

    /// @inheritdoc IAlertFeed
    uint256 public unburned;

    /// @inheritdoc IAlertFeed
    mapping(uint32 term => uint40 end) public termEnd;

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
    mapping(uint32 appeal => Case state) internal _cases;

    constructor(address hive_, uint64 task_, Rules memory rules_) {
        _checkRules(rules_);
        if (task_ == 0 || task_ > IHive(hive_).taskCount()) revert UnknownTask(task_);
        // INVARIANT: all votes about an appeal together earn no more than it costs to lose it. So nobody appeals to be
        // paid for voting, and an appeal locks no more of the escrow than its appellant puts up.
        uint256 seats = IHive(hive_).task(task_).config.seats;
        _check(rules_.voteReward * seats <= rules_.bond, "voteReward", rules_.voteReward);
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

    function _active(uint32 nodeId) internal view returns (bool) {
        return _registry().isActive(nodeId, MONITOR, _rules.minStake);
    }

    /// @dev First second at which an alert did not count any more, as far as is known now: it expired, or its node left
    /// the post. INVARIANT: a node has one term at a time, so of its alerts about a subject, from whatever posts, only
    /// one counts at any time.
    function _endOf(Entry memory entry) internal view returns (uint256) {
        uint40 left = termEnd[entry.term];
        return left != 0 && left < entry.expiry ? left : entry.expiry;
    }

    /// @dev Whether the open appeal of a subject may take its alert down, or its reward away.
    function _isAtStake(Subject storage s, Entry memory entry) internal view returns (bool) {
        return entry.locked || _isUnder(entry, _cases[s.appeal].appeal.openedAt);
    }

    /// @dev Whether an alert counted when an appeal opened. What came or left in the same second did.
    function _isUnder(Entry memory entry, uint40 openedAt) internal view returns (bool) {
        if (entry.since > openedAt || entry.expiry <= openedAt) return false;
        uint40 left = termEnd[entry.term];
        // 0 is no time: the term has not ended.
        // slither-disable-next-line incorrect-equality
        return left == 0 || left >= openedAt;
    }

    /// @dev Whether a node has an alert that the open appeal of the subject is about, from whatever post.
    function _isParty(Subject storage s, uint32 nodeId) internal view returns (bool) {
        uint24 posts = s.posts;
        for (uint8 p = 0; posts >> p != 0; ++p) {
            if (!posts.has(p)) continue;
            Entry memory entry = s.entries[p];
            if (entry.node == nodeId && _isAtStake(s, entry)) return true;
        }
        return false;
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
