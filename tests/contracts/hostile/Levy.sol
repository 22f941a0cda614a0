// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Plain} from "./Plain.sol";

/// @title Levy
/// @notice A token with a fee on each transfer, which can be switched on at any time: of what arrives, or on top of it.
contract Levy is Plain {
    uint256 public bps;
    bool public onTop;

    constructor(address holder, uint256 supply) Plain(holder, supply) {}

    function set(uint256 bps_, bool onTop_) external {
        (bps, onTop) = (bps_, onTop_);
    }

    function _move(address from, address to, uint256 amount) internal override {
        uint256 fee = (amount * bps) / 10_000;
        super._move(from, to, onTop ? amount : amount - fee);
        super._move(from, address(this), fee);
    }
}
