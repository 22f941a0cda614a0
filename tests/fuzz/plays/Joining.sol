// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {INodeRegistry} from "../../../contracts/interfaces/INodeRegistry.sol";
import {World} from "../World.sol";

/// @title Joining
/// @notice Nodes that come, change and leave.
abstract contract Joining is World {
    uint256 private constant MAX_NODES = 12;
    uint256 private constant EXIT_DELAY = 7 days;

    // Moves

    function register(uint256 seed) external {
        _enter(seed);
        address operator = _once(16) ? address(0) : _anybody();
        if (_nodes.length > MAX_NODES) operator = address(0);
        uint8 roles = _once(16) ? uint8(_draw(256)) : uint8(_once(8) ? 1 + _draw(15) : 3);
        _register(_anybody(), operator, roles, uint96(_once(16) ? 0 : 50e18 + _draw(1000e18)));
    }

    function addStake(uint256 seed) external {
        _enter(seed);
        (uint32 id, address who) = _nodeAndOwner();
        uint256 amount = _once(16) ? 0 : _draw(100e18);
        if (_once(32)) amount = type(uint96).max;
        _addStake(who, id, amount);
    }

    function setRoles(uint256 seed) external {
        _enter(seed);
        (uint32 id, address who) = _nodeAndOwner();
        uint8 roles = uint8(_once(16) ? _draw(256) : _once(16) ? 1 + _draw(15) : 3);
        string memory refusal = _refusesOwner(id, who);
        if (bytes(refusal).length == 0 && (roles == 0 || roles > 15)) refusal = "P11: roles out of range";
        if (_toRegistry(who, abi.encodeCall(INodeRegistry.setRoles, (id, roles)), refusal)) _nodes[id].roles = roles;
    }

    function rotateOperator(uint256 seed) external {
        _enter(seed);
        (uint32 id, address who) = _nodeAndOwner();
        address operator = _once(16) ? address(0) : _anybody();
        string memory refusal = _refusesOwner(id, who);
        if (bytes(refusal).length == 0) refusal = _refusesOperator(operator);
        if (!_toRegistry(who, abi.encodeCall(INodeRegistry.rotateOperator, (id, operator)), refusal)) return;
        delete _nodeOf[_nodes[id].operator];
        _nodeOf[operator] = id;
        _nodes[id].operator = operator;
    }

    function requestExit(uint256 seed) external {
        _enter(seed);
        (uint32 id, address who) = _nodeAndOwner();
        // Leaving has no way back: mostly those who hold nothing, or nobody would be left to play.
        bool idle = id < _nodes.length && _nodes[id].held == 0;
        if (!idle && _draw(8) != 0) who = _actor(STRANGER);
        _requestExit(who, id);
    }

    function withdraw(uint256 seed) external {
        _enter(seed);
        (uint32 id, address who) = _nodeAndOwner();
        // One that may, if there is one.
        for (uint32 i = 1; i < _nodes.length; ++i) {
            NodeModel storage n = _nodes[i];
            if (n.operator != address(0) && n.exitAt != 0 && n.exitAt <= _now) (id, who) = (i, _mostly(n.owner));
        }
        _withdraw(who, id);
    }

    /// @dev By people, who are none of them the hive.
    function slash(uint256 seed) external {
        _enter(seed);
        (uint32 id, address who) = _nodeAndOwner();
        bytes memory data = abi.encodeCall(INodeRegistry.slash, (id, uint96(_draw(10e18))));
        _toRegistry(who, data, "P11: a slash by another than the hive");
    }

    // What they come down to

    function _register(address who, address operator, uint8 roles, uint96 stake) internal {
        string memory refusal = _refusesOperator(operator);
        if (bytes(refusal).length == 0 && (roles == 0 || roles > 15)) refusal = "P11: roles out of range";
        if (bytes(refusal).length == 0 && token.balanceOf(who) < stake) refusal = "P1: stake from nowhere";
        if (!_toRegistry(who, abi.encodeCall(INodeRegistry.register, (operator, roles, stake)), refusal)) return;
        _nodeOf[operator] = uint32(_nodes.length);
        _nodes.push(NodeModel({owner: who, operator: operator, roles: roles, stake: stake, exitAt: 0, held: 0}));
    }

    function _addStake(address who, uint32 id, uint256 amount) internal {
        string memory refusal = _refusesOwner(id, who);
        if (bytes(refusal).length == 0) {
            if (amount == 0) refusal = "P1: nothing added";
            else if (_nodes[id].stake + amount > type(uint96).max) refusal = "P1: stake beyond 96 bits";
            else if (token.balanceOf(who) < amount) refusal = "P1: stake from nowhere";
        }
        if (_toRegistry(who, abi.encodeCall(INodeRegistry.addStake, (id, amount)), refusal)) _nodes[id].stake += amount;
    }

    function _requestExit(address who, uint32 id) internal {
        bytes memory data = abi.encodeCall(INodeRegistry.requestExit, (id));
        if (_toRegistry(who, data, _refusesOwner(id, who))) _nodes[id].exitAt = _now + EXIT_DELAY;
    }

    function _withdraw(address who, uint32 id) internal {
        string memory refusal = "";
        if (id == 0 || id >= _nodes.length) refusal = "P11: no such node";
        else if (who != _nodes[id].owner) refusal = "P11: not the owner";
        else if (_nodes[id].exitAt == 0) refusal = "P12: no exit requested";
        else if (_nodes[id].operator == address(0)) refusal = "P1: withdrawn before";
        else if (_now < _nodes[id].exitAt) refusal = "P12: before the delay is over";
        else if (_nodes[id].held != 0) refusal = "P12: holding a slot";
        uint256 before = token.balanceOf(who);
        if (!_toRegistry(who, abi.encodeCall(INodeRegistry.withdraw, (id)), refusal)) return;
        _expect(token.balanceOf(who) - before == _nodes[id].stake, "P1: another stake came back");
        delete _nodeOf[_nodes[id].operator];
        (_nodes[id].stake, _nodes[id].operator) = (0, address(0));
    }

    // Refusals

    function _refusesOwner(uint32 id, address who) private view returns (string memory) {
        if (id == 0 || id >= _nodes.length) return "P11: no such node";
        if (who != _nodes[id].owner) return "P11: not the owner";
        if (_nodes[id].exitAt != 0) return "P12: on its way out";
        return "";
    }

    function _refusesOperator(address operator) private view returns (string memory) {
        if (operator == address(0)) return "P11: no operator";
        if (_nodeOf[operator] != 0) return "P11: an operator of two nodes";
        return "";
    }

    function _nodeAndOwner() private returns (uint32 id, address who) {
        id = uint32(_once(32) ? _draw(_nodes.length + 2) : 1 + _draw(_nodes.length - 1));
        who = _mostly(id < _nodes.length ? _nodes[id].owner : address(0));
    }
}
