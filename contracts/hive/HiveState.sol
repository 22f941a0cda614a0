// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IHive} from "../interfaces/IHive.sol";
import {INodeRegistry} from "../interfaces/INodeRegistry.sol";
import {G1Sum} from "../libraries/G1Sum.sol";
import {Lanes} from "../libraries/Lanes.sol";
import {Phases} from "../libraries/Phases.sol";
import {Progress} from "../libraries/ProgressBits.sol";

/// @title HiveState
/// @notice What the hive remembers. Every part of the hive stands on this one alone.
/// @dev Fields are ordered so that what one call needs shares a slot: slots are most of the cost.
abstract contract HiveState is IHive {
    /// @dev One slot: all that a claim needs to know of a round.
    struct Pay {
        uint96 rate;
        uint96 share;
        uint24 paid;
        uint24 worth;
        bool settled;
    }

    /// @dev The tally between two slices; empty if one call did it all. The deviations are those of Jury.packed.
    struct Running {
        G1 sum;
        uint256[3] strayed;
    }

    struct RoundState {
        Progress progress;
        Pay pay;
        bytes32 seed;
        bytes32 model;
        mapping(uint256 shard => bytes32) updates;
        mapping(uint256 seat => bytes32) verdicts;
        mapping(uint256 word => bytes32) medians;
        mapping(bytes32 model => uint24) attestations;
        Running running;
    }

    struct TaskState {
        TaskConfig config;
        address sponsor;
        uint32 latestRound;
        uint32 lastFinal;
        uint32 finals;
        uint128 escrow;
        bytes32 spec;
        mapping(uint16 shard => Holder) shards;
        mapping(uint8 seat => Holder) seats;
        mapping(uint32 node => uint8) seatOf;
        mapping(uint32 round => RoundState) rounds;
    }

    // Constants

    /// @dev Roles of INodeRegistry.
    uint8 internal constant TRAIN = 1;
    uint8 internal constant VALIDATE = 2;

    /// @dev What replaces a stored hash once it was paid for: not 0, for a slot that stays in use is cheaper to write.
    bytes32 internal constant CLAIMED = bytes32(uint256(1));

    // Immutables

    /// @inheritdoc IHive
    address public immutable token;

    /// @inheritdoc IHive
    address public immutable registry;

    /// @inheritdoc IHive
    bool public immutable verifySums;

    // Storage

    /// @inheritdoc IHive
    uint64 public taskCount;

    /// @inheritdoc IHive
    mapping(uint32 node => uint256) public held;

    mapping(uint64 task => TaskState) internal _tasks;

    constructor(address token_, address registry_, bool verifySums_) {
        if (verifySums_ && !G1Sum.available()) revert PrecompileMissing();
        // INVARIANT: the registry lets this hive slash, and stakes the token that this hive pays in.
        address hive = INodeRegistry(registry_).hive();
        address staked = INodeRegistry(registry_).token();
        if (hive != address(this) || staked != token_) revert WrongRegistry(hive, staked);
        token = token_;
        registry = registry_;
        verifySums = verifySums_;
    }

    // Internals

    function _existing(uint64 taskId) internal view returns (TaskState storage t) {
        t = _tasks[taskId];
        if (t.sponsor == address(0)) revert UnknownTask(taskId);
    }

    function _erc20() internal view returns (IERC20) {
        return IERC20(token);
    }

    function _registry() internal view returns (INodeRegistry) {
        return INodeRegistry(registry);
    }

    /// @dev See Phases.at.
    function _present(TaskState storage t, RoundState storage r) internal view returns (Progress, Phase) {
        return Phases.at(r.progress, t.config, block.timestamp);
    }

    /// @dev The progress at present, in the phase that a call needs.
    function _inPhase(TaskState storage t, RoundState storage r, Phase expected) internal view returns (Progress p) {
        (p,) = _present(t, r);
        if (p.phase() != expected) revert WrongPhase(p.phase(), expected);
    }

    /// @dev Of a slot that nobody holds the operator is 0, which calls nobody's functions.
    function _nodeOfCaller(Holder storage h) internal view returns (uint32) {
        if (msg.sender != h.operator) revert NotOperator(msg.sender, h.operator);
        return h.node;
    }

    /// @dev 32 medians share a word, the first in its highest byte.
    function _median(RoundState storage r, uint16 shardId) internal view returns (uint8) {
        return uint8(Lanes.byteAt(uint256(r.medians[shardId >> 5]), shardId & 31));
    }
}
