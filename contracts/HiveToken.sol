// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title HiveToken
/// @notice What the hive pays and stakes in: a fixed supply, no owner, no minting after deployment.
contract HiveToken is ERC20, ERC20Burnable, ERC20Permit {
    /// @param holder Receives the whole supply.
    /// @param supply In units of 1e-18 tokens.
    constructor(address holder, uint256 supply) ERC20("AnomalyHive", "HIVE") ERC20Permit("AnomalyHive") {
        _mint(holder, supply);
    }
}
