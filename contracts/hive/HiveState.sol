// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IHive} from "../interfaces/IHive.sol";
import {NodeRegistry} from "../NodeRegistry.sol";
import {TaskRules} from "../TaskRules.sol";
import {INodeRegistry} from "../interfaces/INodeRegistry.sol";
import {G1Sum} from "../libraries/G1Sum.sol";
import {Lanes} from "../libraries/Lanes.sol";
import {Phases} from "../libraries/Phases.sol";
import {Progress} from "../libraries/ProgressBits.sol";

/// @title HiveState
/// @notice What the hive remembers. Every part of the hive stands on this one alone.
/// @dev Fields are ordered so that what one call needs shares a slot: slots are most of the cost.
abstract contract HiveState is IHive {
    /// @dev One slot: all that a claim needs to know of a round. `parent` is 0 until the round is final, then 1 more
    /// than the final round before it (0: none): claims follow final rounds backwards by it.
    struct Pay {
        uint88 rate;
        uint88 share;
        uint24 paid;
        uint24 worth;
        uint32 parent;
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
        mapping(uint256 word => bytes32) medians;
        mapping(bytes32 model => uint24) attestations;
        Running running;
    }

    /// @dev `updates` and `verdicts` are those of the latest round: a slot that stays in use costs a quarter of a new
    /// one. The lowest 32 bits of an update's word tell its round; of a verdict's, the bits in the round's progress.
    /// `slots` are shards and seats, by `_slotKey`; `terms` those that ended, by `_termKey`.
    struct TaskState {
        TaskConfig config;
        address sponsor;
        uint32 latestRound;
        uint32 lastFinal;
        uint32 finals;
        uint128 escrow;
        bytes32 spec;
        mapping(uint256 key => Holder) slots;
        mapping(uint256 key => Term) terms;
        mapping(uint256 shard => bytes32) updates;
        mapping(uint256 seat => bytes32) verdicts;
        mapping(uint32 node => uint8) seatOf;
        mapping(uint32 round => RoundState) rounds;
    }

    // Constants

    /// @dev Roles of INodeRegistry.
    uint8 internal constant TRAIN = 1;
    uint8 internal constant VALIDATE = 2;

    // Immutables

    /// @inheritdoc IHive
    address public immutable token;

    /// @inheritdoc IHive
    address public immutable registry;

    /// @inheritdoc IHive
    address public immutable taskRules;

    /// @inheritdoc IHive
    bool public immutable verifySums;

    // Storage

    /// @inheritdoc IHive
    uint64 public taskCount;

    /// @inheritdoc IHive
    mapping(uint32 node => uint256 slots) public held;

    mapping(uint64 task => TaskState state) internal _tasks;

    constructor(address token_, bool verifySums_) {
        if (verifySums_ && !G1Sum.available()) revert PrecompileMissing();
        token = token_;
        // INVARIANT: the registry stakes the token that this hive pays in and lets this hive slash, as its deployer. So
        // the addresses of all three follow from the hive's code and arguments alone.
        registry = address(new NodeRegistry(token_));
        taskRules = address(new TaskRules());
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
    function _median(RoundState storage r, uint256 shardId) internal view returns (uint256) {
        return Lanes.byteAt(uint256(r.medians[shardId >> 5]), shardId & 31);
    }

    /// @dev Shard i has the key i.
    function _slotKey(Kind kind, uint256 index) internal pure returns (uint256) {
        return (uint256(kind) << 16) | index;
    }

    function _seat(TaskState storage t, uint256 seatId) internal view returns (Holder storage) {
        return t.slots[_slotKey(Kind.Verdict, seatId)];
    }

    /// @dev INVARIANT: no two terms have the same key: a term that ends before another final round has nothing to be
    /// paid, and is not kept.
    function _termKey(Kind kind, uint256 index, uint32 through) internal pure returns (uint256) {
        return (_slotKey(kind, index) << 32) | through;
    }

    /// @dev Whether the word of an update is of this round.
    function _isOf(bytes32 update, uint32 roundId) internal pure returns (bool) {
        // A round is a number to be equal to.
        // slither-disable-next-line incorrect-equality
        return uint32(uint256(update)) == roundId;
    }

    /// @dev Final or cancelled: what nothing but time changes any more.
    function _isOver(RoundState storage r) internal view returns (bool) {
        Phase phase = r.progress.phase();
        return phase == Phase.Final || phase == Phase.Cancelled;
    }
}
