// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Plain} from "./Plain.sol";

/// @title Cinder
/// @notice A token whose burn does not do what it should.
contract Cinder is Plain {
    /// @dev Idle: returns, and burns nothing. Refuse: reverts. Exhaust: uses all the gas it gets. FloodReturn,
    /// FloodRevert: ends with as much data as `weight` says. Heavy: burns, and uses `weight` gas and more for it.
    enum Manner {
        Proper,
        Idle,
        Refuse,
        Exhaust,
        FloodReturn,
        FloodRevert,
        Heavy
    }

    Manner public manner;
    uint256 public weight;

    error Refused();

    constructor(address holder, uint256 supply) Plain(holder, supply) {}

    function set(Manner manner_, uint256 weight_) external {
        (manner, weight) = (manner_, weight_);
    }

    function burn(uint256 amount) external override {
        Manner now_ = manner;
        uint256 size = weight;
        if (now_ == Manner.Refuse) revert Refused();
        if (now_ == Manner.Exhaust) {
            assembly ("memory-safe") {
                invalid()
            }
        }
        if (now_ == Manner.FloodReturn) {
            _burn(msg.sender, amount);
            assembly {
                return(0, size)
            }
        }
        if (now_ == Manner.FloodRevert) {
            assembly {
                revert(0, size)
            }
        }
        if (now_ == Manner.Heavy) {
            uint256 start = gasleft();
            while (start - gasleft() < size) {}
        }
        if (now_ != Manner.Idle) _burn(msg.sender, amount);
    }
}
