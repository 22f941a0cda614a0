// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Plain} from "./Plain.sol";
import {IHook} from "./IHook.sol";

/// @title Hooked
/// @notice A token that calls both sides of a transfer, the sender before it and the receiver after it, as ERC-777 does,
/// and whoever wants to be called when something is burned.
contract Hooked is Plain {
    /// @notice Who is called where a holder sends or receives; 0: nobody.
    mapping(address holder => IHook) public hooks;

    /// @notice Who is called before and after a burn; 0: nobody.
    IHook public witness;

    constructor(address holder, uint256 supply) Plain(holder, supply) {}

    function set(address holder, IHook hook) external {
        hooks[holder] = hook;
    }

    function setWitness(IHook witness_) external {
        witness = witness_;
    }

    function burn(uint256 amount) external override {
        if (address(witness) != address(0)) witness.onToken(IHook.Moment.BeforeBurn);
        _burn(msg.sender, amount);
        if (address(witness) != address(0)) witness.onToken(IHook.Moment.AfterBurn);
    }

    function _move(address from, address to, uint256 amount) internal override {
        if (address(hooks[from]) != address(0)) hooks[from].onToken(IHook.Moment.Sending);
        super._move(from, to, amount);
        if (address(hooks[to]) != address(0)) hooks[to].onToken(IHook.Moment.Received);
    }
}
