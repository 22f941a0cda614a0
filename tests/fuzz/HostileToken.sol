// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Vm} from "./Vm.sol";

/// @title HostileToken
/// @notice What a token could do. Its code is put in the place of HiveToken's, whose balances it finds where they are.
contract HostileToken {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    // As in OpenZeppelin's ERC20.
    mapping(address holder => uint256) public balanceOf;
    mapping(address holder => mapping(address spender => uint256)) public allowance;
    uint256 public totalSupply;

    /// @dev Its name and what else it keeps.
    uint256[50] private _others;

    /// @dev How many tenths of a transfer are kept from the receiver.
    uint256 public fee;
    bool public burnsNothing;
    address private _reenters;
    address private _as;
    bytes private _with;

    /// @notice How often a call came through from within a transfer or a burn.
    uint256 public entered;

    function setFee(uint256 tenths) external {
        fee = tenths;
    }

    function refuseBurns() external {
        burnsNothing = true;
    }

    /// @notice Makes the next movement of tokens call a contract in somebody's name, once.
    function reenter(address to, address who, bytes calldata data) external {
        (_reenters, _as, _with) = (to, who, data);
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        _move(msg.sender, to, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        _move(from, to, amount);
        return true;
    }

    function burn(uint256 amount) external {
        require(!burnsNothing, "never");
        balanceOf[msg.sender] -= amount;
        totalSupply -= amount;
        _callBack();
    }

    function _move(address from, address to, uint256 amount) private {
        balanceOf[from] -= amount;
        balanceOf[to] += amount - amount / 10 * fee;
        _callBack();
    }

    function _callBack() private {
        if (_reenters == address(0)) return;
        address to = _reenters;
        _reenters = address(0);
        vm.prank(_as);
        (bool ok,) = to.call(_with);
        if (ok) ++entered;
    }
}
