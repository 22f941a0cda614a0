// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {IHive} from "./interfaces/IHive.sol";
import {INodeRegistry} from "./interfaces/INodeRegistry.sol";

/// @title NodeRegistry
/// @notice Stakes, roles and keys of the nodes. See INodeRegistry.
contract NodeRegistry is INodeRegistry {
    using SafeERC20 for IERC20;

    // Immutables

    /// @inheritdoc INodeRegistry
    uint40 public constant EXIT_DELAY = 7 days;

    /// @dev TRAIN | VALIDATE | MONITOR | AUDIT.
    uint8 private constant ALL_ROLES = 15;

    /// @inheritdoc INodeRegistry
    address public immutable token;

    /// @inheritdoc INodeRegistry
    address public immutable hive;

    // Storage

    /// @inheritdoc INodeRegistry
    uint32 public nodeCount;

    /// @inheritdoc INodeRegistry
    mapping(address operator => uint32 node) public nodeOf;

    mapping(uint32 nodeId => Node state) private _nodes;

    /// @dev The hive deploys its registry. There is no setter, hence nobody who could name another slasher.
    /// @param token_ What is staked.
    constructor(address token_) {
        // A token without code takes part in nothing: every transfer reverts.
        // slither-disable-next-line missing-zero-check
        token = token_;
        hive = msg.sender;
    }

    // Joining

    /// @inheritdoc INodeRegistry
    function register(address operator, uint8 roles, uint96 stake) external returns (uint32 nodeId) {
        _checkRoles(roles);
        nodeId = ++nodeCount;
        _claimOperator(nodeId, operator);
        _nodes[nodeId] = Node({owner: msg.sender, stake: stake, operator: operator, roles: roles, exitAt: 0});
        emit NodeRegistered(nodeId, msg.sender, operator, roles, stake);
        _pull(stake);
    }

    /// @inheritdoc INodeRegistry
    function addStake(uint32 nodeId, uint256 amount) external {
        Node storage n = _stayingNodeOfCaller(nodeId);
        if (amount == 0) revert ZeroAmount();
        // The sum cannot overflow 256 bits: a token's supply fits them, and both parts are parts of it.
        uint256 stake = n.stake + amount;
        if (stake > type(uint96).max) revert StakeTooLarge(stake);
        n.stake = uint96(stake);
        emit StakeAdded(nodeId, amount, uint96(stake));
        _pull(amount);
    }

    // Changing

    /// @inheritdoc INodeRegistry
    function setRoles(uint32 nodeId, uint8 roles) external {
        Node storage n = _stayingNodeOfCaller(nodeId);
        _checkRoles(roles);
        n.roles = roles;
        emit RolesSet(nodeId, roles);
    }

    /// @inheritdoc INodeRegistry
    function rotateOperator(uint32 nodeId, address operator) external {
        Node storage n = _stayingNodeOfCaller(nodeId);
        address previous = n.operator;
        _claimOperator(nodeId, operator);
        delete nodeOf[previous];
        n.operator = operator;
        emit OperatorRotated(nodeId, previous, operator);
    }

    // Leaving

    /// @inheritdoc INodeRegistry
    function requestExit(uint32 nodeId) external {
        Node storage n = _stayingNodeOfCaller(nodeId);
        uint40 exitAt = uint40(block.timestamp) + EXIT_DELAY;
        n.exitAt = exitAt;
        emit ExitRequested(nodeId, exitAt);
    }

    /// @inheritdoc INodeRegistry
    function withdraw(uint32 nodeId) external {
        Node storage n = _nodeOfCaller(nodeId);
        if (n.exitAt == 0) revert NotExiting(nodeId);
        if (n.operator == address(0)) revert AlreadyWithdrawn(nodeId);
        if (block.timestamp < n.exitAt) revert ExitTooEarly(nodeId, n.exitAt);
        // INVARIANT: no stake leaves while its node holds a slot, so a slash always finds it. A node that is exiting
        // can take no slot, so none can appear after this check.
        uint256 slots = IHive(hive).held(nodeId);
        if (slots != 0) revert StillHolding(nodeId, slots);
        uint96 stake = n.stake;
        n.stake = 0;
        delete nodeOf[n.operator];
        // The owner stays on record: what the node has earned is still to be claimed.
        n.operator = address(0);
        emit StakeWithdrawn(nodeId, msg.sender, stake);
        IERC20(token).safeTransfer(msg.sender, stake);
    }

    // Slashing

    /// @inheritdoc INodeRegistry
    function slash(uint32 nodeId, uint96 amount) external returns (uint96 burned) {
        if (msg.sender != hive) revert NotHive(msg.sender);
        Node storage n = _existing(nodeId);
        uint96 stake = n.stake;
        burned = amount < stake ? amount : stake;
        n.stake = stake - burned;
        emit NodeSlashed(nodeId, burned, stake - burned);
        // INVARIANT: slashed stake is burned and reaches nobody, so no judge gains by a slash. A token that cannot burn
        // holds up neither a tally nor a cancellation: what was slashed stays here then, and is nobody's. Nobody can
        // bring that about by too little gas: of what a burn fails with, 1/64 is left, too little to end a call with.
        // solhint-disable-next-line no-empty-blocks
        if (burned != 0) try ERC20Burnable(token).burn(burned) {} catch {}
    }

    // Views

    /// @inheritdoc INodeRegistry
    function node(uint32 nodeId) external view returns (Node memory) {
        return _existing(nodeId);
    }

    /// @inheritdoc INodeRegistry
    function ownerOf(uint32 nodeId) external view returns (address) {
        return _existing(nodeId).owner;
    }

    /// @inheritdoc INodeRegistry
    function operatorOf(uint32 nodeId) external view returns (address) {
        return _existing(nodeId).operator;
    }

    /// @inheritdoc INodeRegistry
    function actsFor(uint32 nodeId, address key) external view returns (bool) {
        Node storage n = _existing(nodeId);
        return key == n.operator || key == n.owner;
    }

    /// @inheritdoc INodeRegistry
    function isActive(uint32 nodeId, uint8 role, uint96 minStake) external view returns (bool) {
        Node storage n = _nodes[nodeId];
        return n.owner != address(0) && n.exitAt == 0 && n.roles & role == role && n.stake >= minStake;
    }

    // Internals

    function _existing(uint32 nodeId) private view returns (Node storage n) {
        n = _nodes[nodeId];
        if (n.owner == address(0)) revert UnknownNode(nodeId);
    }

    function _nodeOfCaller(uint32 nodeId) private view returns (Node storage n) {
        n = _existing(nodeId);
        if (msg.sender != n.owner) revert NotOwner(nodeId, msg.sender);
    }

    function _stayingNodeOfCaller(uint32 nodeId) private view returns (Node storage n) {
        n = _nodeOfCaller(nodeId);
        if (n.exitAt != 0) revert Exiting(nodeId, n.exitAt);
    }

    function _claimOperator(uint32 nodeId, address operator) private {
        if (operator == address(0)) revert ZeroOperator();
        uint32 other = nodeOf[operator];
        // INVARIANT: an operator acts for one node at a time, so `nodeOf` is never ambiguous.
        if (other != 0) revert OperatorInUse(operator, other);
        nodeOf[operator] = nodeId;
    }

    /// @dev INVARIANT: stakes are backed one for one: a token that takes a fee, or that calls back in here meanwhile,
    /// does not get past this.
    function _pull(uint256 amount) private {
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = IERC20(token).balanceOf(address(this)) - before;
        if (received != amount) revert WrongTransfer(received, amount);
    }

    function _checkRoles(uint8 roles) private pure {
        if (roles == 0 || roles > ALL_ROLES) revert InvalidRoles(roles);
    }
}
