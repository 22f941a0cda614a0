// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Ledger} from "./Ledger.sol";

/// @title Plain
/// @notice A token that does as it is told; each hostile one does one thing otherwise.
contract Plain is Ledger {
    constructor(address holder, uint256 supply) Ledger(holder, supply) {}

    function transfer(address to, uint256 amount) external virtual returns (bool) {
        _move(msg.sender, to, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external virtual returns (bool) {
        _spend(from, amount);
        _move(from, to, amount);
        return true;
    }

    function burn(uint256 amount) external virtual {
        _burn(msg.sender, amount);
    }
}
