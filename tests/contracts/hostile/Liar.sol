// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Plain} from "./Plain.sol";

/// @title Liar
/// @notice A token that says of every transfer that it was made, and makes only `percent` of it.
contract Liar is Plain {
    uint256 public percent;

    constructor(address holder, uint256 supply) Plain(holder, supply) {}

    function set(uint256 percent_) external {
        percent = percent_;
    }

    function _move(address from, address to, uint256 amount) internal override {
        super._move(from, to, (amount * percent) / 100);
    }
}
