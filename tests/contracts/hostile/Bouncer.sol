// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Plain} from "./Plain.sol";

/// @title Bouncer
/// @notice A token that has a list of those who may neither send nor receive.
contract Bouncer is Plain {
    mapping(address holder => bool) public barred;

    error Barred(address holder);

    constructor(address holder, uint256 supply) Plain(holder, supply) {}

    function set(address holder, bool barred_) external {
        barred[holder] = barred_;
    }

    function _move(address from, address to, uint256 amount) internal override {
        if (barred[from]) revert Barred(from);
        if (barred[to]) revert Barred(to);
        super._move(from, to, amount);
    }
}
