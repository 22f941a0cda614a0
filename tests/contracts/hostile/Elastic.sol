// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Plain} from "./Plain.sol";

/// @title Elastic
/// @notice A token whose balances all grow or shrink at once, without a transfer.
contract Elastic is Plain {
    uint256 public percent = 100;

    constructor(address holder, uint256 supply) Plain(holder, supply) {}

    function set(uint256 percent_) external {
        percent = percent_;
    }

    function balanceOf(address holder) external view override returns (uint256) {
        return (_balances[holder] * percent) / 100;
    }

    function _move(address from, address to, uint256 amount) internal override {
        super._move(from, to, (amount * 100) / percent);
    }
}
