// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Plain} from "./Plain.sol";

/// @title Nay
/// @notice A token that returns false where others revert: without allowance, without balance, and while it is off.
contract Nay is Plain {
    bool public off;

    constructor(address holder, uint256 supply) Plain(holder, supply) {}

    function set(bool off_) external {
        off = off_;
    }

    function transfer(address to, uint256 amount) external override returns (bool) {
        if (off || _balances[msg.sender] < amount) return false;
        _move(msg.sender, to, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external override returns (bool) {
        if (off || _balances[from] < amount || allowance[from][msg.sender] < amount) return false;
        _spend(from, amount);
        _move(from, to, amount);
        return true;
    }
}
