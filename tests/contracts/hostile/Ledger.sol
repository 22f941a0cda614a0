// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title Ledger
/// @notice The books of a token: what every token of these tests shares, hostile or not.
abstract contract Ledger {
    mapping(address holder => mapping(address spender => uint256)) public allowance;
    uint256 public totalSupply;

    mapping(address holder => uint256) internal _balances;

    constructor(address holder, uint256 supply) {
        _balances[holder] = supply;
        totalSupply = supply;
    }

    function balanceOf(address holder) external view virtual returns (uint256) {
        return _balances[holder];
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        return true;
    }

    function _move(address from, address to, uint256 amount) internal virtual {
        _balances[from] -= amount;
        _balances[to] += amount;
    }

    function _spend(address from, uint256 amount) internal {
        allowance[from][msg.sender] -= amount;
    }

    function _burn(address from, uint256 amount) internal {
        _balances[from] -= amount;
        totalSupply -= amount;
    }
}
