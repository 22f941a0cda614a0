// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Checks} from "./Checks.sol";

/// @title WayOut
/// @notice P2: however it all stands, what anyone may call and what owners and sponsors may brings every token home.
abstract contract WayOut is Checks {
    /// @dev Each step must succeed.
    function _leave() internal {
        _leaving = true;
        address stranger = _actor(STRANGER);
        // Five phases of at most 30 days.
        _reach(_now + 151 days);
        for (uint64 t = 1; t < _tasks.length; ++t) {
            if (_tasks[t].latest != 0 && !_isOver(_latest(t))) _cancelRound(stranger, t, _tasks[t].latest);
        }
        for (uint256 i = 0; i < _terms.length; ++i) {
            TermModel storage term = _terms[i];
            if (_isOwed(term)) _claimAll(stranger, term);
            if (!term.ended) _release(_nodes[term.node].owner, term.task, term.kind, term.index);
        }
        for (uint64 t = 1; t < _tasks.length; ++t) {
            if (_tasks[t].escrow != 0) _withdrawEscrow(_tasks[t].sponsor, t, uint128(_tasks[t].escrow));
        }
        for (uint32 id = 1; id < _nodes.length; ++id) if (_nodes[id].exitAt == 0) _requestExit(_nodes[id].owner, id);
        _reach(_now + 7 days);
        for (uint32 id = 1; id < _nodes.length; ++id) {
            if (_nodes[id].operator != address(0)) _withdraw(_nodes[id].owner, id);
        }
        require(bytes(_broken).length == 0, string.concat("P2: no way out: ", _broken));
        require(token.balanceOf(address(hive)) == _strayInHive, "P2: tokens are left in the hive");
        require(token.balanceOf(address(registry)) == _strayInRegistry, "P2: tokens are left in the registry");
    }

    function _claimAll(address who, TermModel storage term) private {
        Claim[] memory claims = new Claim[](1);
        claims[0] = Claim(term.task, term.kind, term.index, term.ended ? term.to : 0, 0);
        _claim(who, term.node, claims);
    }
}
