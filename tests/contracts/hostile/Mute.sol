// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Ledger} from "./Ledger.sol";

/// @title Mute
/// @notice A token whose transfers return nothing, as those older than the standard do, and which has no burn.
contract Mute is Ledger {
    constructor(address holder, uint256 supply) Ledger(holder, supply) {}

    function transfer(address to, uint256 amount) external {
        _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external {
        _spend(from, amount);
        _move(from, to, amount);
    }
}
