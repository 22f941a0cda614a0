// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title INodeRegistry
/// @notice Who takes part: each node has an owner, who holds its stake, and an operator, who acts for it.
/// @dev Units: stake and amounts in 1e-18 tokens; times in Unix seconds. A node's number starts at 1; 0 is no node.
///
/// Roles are bits: TRAIN = 1, VALIDATE = 2, MONITOR = 4, AUDIT = 8.
///
/// Nobody administers the registry. Stake leaves it in two ways only: back to the node's owner, or burned by
/// the hive. Nobody, a judge least of all, can receive stake that was slashed.
///
/// Warning: an operator address is taken as given by the owner who names it. Whoever names your address first
/// keeps you from using it for your own node; use a fresh key then. It gives them nothing: your key could
/// act for their node, not the other way round.
interface INodeRegistry {
    /// @notice One node.
    /// @param owner Holds the stake, receives what is claimed, names the operator. Never changes.
    /// @param stake In 1e-18 tokens.
    /// @param operator Signs the daily work; zero once the stake was withdrawn.
    /// @param roles Bits of the roles that the node offers.
    /// @param exitAt First second at which the stake may be withdrawn; 0 while no exit was requested.
    struct Node {
        address owner;
        uint96 stake;
        address operator;
        uint8 roles;
        uint40 exitAt;
    }

    /// @notice No such node.
    error UnknownNode(uint32 node);
    /// @notice Only the owner of the node may do this.
    error NotOwner(uint32 node, address caller);
    /// @notice Only the hive may do this.
    error NotHive(address caller);
    /// @notice An operator must be an address.
    error ZeroOperator();
    /// @notice The address already acts for a node.
    error OperatorInUse(address operator, uint32 node);
    /// @notice Roles must be one or more of the four bits.
    error InvalidRoles(uint8 roles);
    /// @notice The stake would not fit 96 bits.
    error StakeTooLarge(uint256 stake);
    /// @notice The token moved another amount than it was asked to: one that takes a fee, or calls back, is refused.
    error WrongTransfer(uint256 received, uint256 expected);
    /// @notice Adding nothing changes nothing.
    error ZeroAmount();
    /// @notice The node is on its way out: it cannot come back, only withdraw.
    error Exiting(uint32 node, uint40 exitAt);
    /// @notice An exit must be requested first.
    error NotExiting(uint32 node);
    /// @notice The exit delay is not over.
    error ExitTooEarly(uint32 node, uint40 exitAt);
    /// @notice The node still holds shards or seats: release them first.
    error StillHolding(uint32 node, uint256 slots);
    /// @notice The stake was withdrawn already.
    error AlreadyWithdrawn(uint32 node);

    /// @notice A node exists from now on.
    event NodeRegistered(
        uint32 indexed node, address indexed owner, address indexed operator, uint8 roles, uint96 stake
    );
    /// @notice `stake` is what the node has after adding `amount`.
    event StakeAdded(uint32 indexed node, uint256 amount, uint96 stake);
    /// @notice The node offers these roles from now on.
    event RolesSet(uint32 indexed node, uint8 roles);
    /// @notice Another key acts for the node from now on.
    event OperatorRotated(uint32 indexed node, address indexed previous, address indexed operator);
    /// @notice The node is inactive from now on; its stake may leave at `exitAt`.
    event ExitRequested(uint32 indexed node, uint40 exitAt);
    /// @notice The stake left to the owner; the operator's address is free again.
    event StakeWithdrawn(uint32 indexed node, address indexed owner, uint96 amount);
    /// @notice `amount` was burned; `stake` is what the node has left.
    event NodeSlashed(uint32 indexed node, uint96 amount, uint96 stake);

    /// @notice Registers a node of the caller, who becomes its owner, and pulls its stake.
    /// @dev Anyone may call. Needs an allowance of `stake` for the registry. Emits NodeRegistered.
    /// Reverts ZeroOperator, OperatorInUse, InvalidRoles, WrongTransfer, or with the token's error.
    /// @param operator Acts for the node; may be the owner itself. Serves one node at a time.
    /// @param roles One or more role bits.
    /// @param stake In 1e-18 tokens; may be 0, as tasks say what they demand.
    /// @return nodeId The number of the new node.
    function register(address operator, uint8 roles, uint96 stake) external returns (uint32 nodeId);

    /// @notice Adds to the stake of a node.
    /// @dev Owner only. Needs an allowance. Emits StakeAdded.
    /// Reverts UnknownNode, NotOwner, Exiting, ZeroAmount, StakeTooLarge, WrongTransfer, or with the token's error.
    /// @param amount In 1e-18 tokens.
    function addStake(uint32 nodeId, uint256 amount) external;

    /// @notice Changes what the node offers. Slots that need a dropped role may be freed by anyone.
    /// @dev Owner only. Emits RolesSet. Reverts UnknownNode, NotOwner, Exiting, InvalidRoles.
    function setRoles(uint32 nodeId, uint8 roles) external;

    /// @notice Puts another key in charge of the node's work.
    /// @dev Owner only. Emits OperatorRotated. Reverts UnknownNode, NotOwner, Exiting, ZeroOperator, OperatorInUse.
    ///
    /// Warning: the hive keeps a copy of the operator in each shard and seat, so that a submission costs no
    /// call to the registry. The old key keeps acting in a slot until anyone calls `refreshShard` or
    /// `refreshSeat` there. After the loss of a key, do so in the same transaction or right after.
    function rotateOperator(uint32 nodeId, address operator) external;

    /// @notice Makes the node inactive at once and starts the exit delay. There is no way back.
    /// @dev Owner only. Emits ExitRequested. Reverts UnknownNode, NotOwner, Exiting.
    function requestExit(uint32 nodeId) external;

    /// @notice Sends the whole stake to the owner and frees the operator's address.
    /// @dev Owner only. Emits StakeWithdrawn. Reverts UnknownNode, NotOwner, NotExiting, ExitTooEarly,
    /// StillHolding, AlreadyWithdrawn. What the node has earned stays claimable by its owner forever.
    function withdraw(uint32 nodeId) external;

    /// @notice Burns `amount` of the node's stake, or all of it if it has less.
    /// @dev The hive only. Emits NodeSlashed, even for an amount of 0. Reverts NotHive, UnknownNode. If the token
    /// cannot burn, what was slashed stays in the registry and belongs to nobody.
    /// @return burned In 1e-18 tokens.
    function slash(uint32 nodeId, uint96 amount) external returns (uint96 burned);

    /// @notice Seconds between the request of an exit and the earliest withdrawal.
    function EXIT_DELAY() external view returns (uint40);

    /// @notice The token that is staked and burned.
    function token() external view returns (address);

    /// @notice The only address that may slash: who deployed the registry.
    function hive() external view returns (address);

    /// @notice How many nodes were ever registered: their numbers are 1 to this.
    function nodeCount() external view returns (uint32);

    /// @notice The node that an operator acts for, 0 if none.
    function nodeOf(address operator) external view returns (uint32);

    /// @notice Everything about a node. Reverts UnknownNode.
    function node(uint32 nodeId) external view returns (Node memory);

    /// @notice Where the node's earnings go. Reverts UnknownNode.
    function ownerOf(uint32 nodeId) external view returns (address);

    /// @notice Who acts for the node; zero once its stake was withdrawn. Reverts UnknownNode.
    function operatorOf(uint32 nodeId) external view returns (address);

    /// @notice Whether this is the operator or the owner of the node. Reverts UnknownNode.
    function actsFor(uint32 nodeId, address key) external view returns (bool);

    /// @notice Whether the node offers every bit of `role`, has at least `minStake` (1e-18 tokens) and is not exiting.
    /// @dev False, not a revert, for a node that does not exist.
    function isActive(uint32 nodeId, uint8 role, uint96 minStake) external view returns (bool);
}
