// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {FeedExamples} from "./feed/FeedExamples.sol";

/// @title FeedFuzz
/// @notice What forge runs of an alert feed: moves in any order, checks after each, a way out at the end of every run.
contract FeedFuzz is FeedExamples {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    bytes4[] private _moves;

    // What forge asks

    function setUp() external {
        _begin(vm.envOr("FUZZ_VERIFY_SUMS", true));
        _fundFeed(_actor(2), 60e18);
        for (uint8 p = 0; p < 3; ++p) _takePost(_nodes[4 + p].operator, p);
        require(bytes(_broken).length == 0, _broken);
        require(_posts[2].node != 0, "posts without monitors");
        _counting = true;
        _often(2, this.takePost.selector);
        _often(1, this.releasePost.selector);
        _often(1, this.refreshPost.selector);
        _often(1, this.freePost.selector);
        _often(10, this.postAlerts.selector);
        _often(2, this.retract.selector);
        _often(1, this.appeal.selector);
        _often(2, this.commitVote.selector);
        _often(2, this.revealVote.selector);
        _often(1, this.decide.selector);
        _often(2, this.fundFeed.selector);
        _often(1, this.withdrawFeed.selector);
        _often(1, this.donateToFeed.selector);
        _often(5, this.settle.selector);
        _often(2, this.claimFeed.selector);
        _often(1, this.fetchBonds.selector);
        _often(4, this.pause.selector);
        _often(24, this.leadFeed.selector);
        // Of the hive: who comes and goes, and rounds.
        _often(1, this.recast.selector);
        _often(1, this.rotateOperator.selector);
        _often(1, this.register.selector);
        _often(1, this.requestExit.selector);
        _often(1, this.takeSeat.selector);
        _often(1, this.releaseSeat.selector);
        _often(1, this.refreshSeat.selector);
        _often(1, this.lead.selector);
        _often(2, this.finishRound.selector);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(this);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(this), _moves);
    }

    function invariant_holds() external view {
        require(bytes(_broken).length == 0, _broken);
        _checkFeedTokens();
        // The rest by turns that come round soon: what is wrong seldom heals.
        uint256 turn = uint256(keccak256(abi.encode(_now, _turn)));
        _checkRisk(_subject(turn % SUBJECTS));
        if (_turn % 3 == 0) _checkAlerts(_subject((turn >> 8) % SUBJECTS));
        else if (_turn % 3 == 1) _checkNodeOf(uint32((turn >> 16) % (_nodes.length - 1) + 1));
        else _checkPosts();
        if (_turn % 4 == 0 && _cases.length > 1) _checkCase((turn >> 24) % (_cases.length - 1) + 1);
    }

    function afterInvariant() external {
        _checkEverything();
        _leaveFeed();
        _checkEverything();
        _report();
    }

    // Internals

    /// @dev forge draws from a list: what stands in it more often is drawn more often.
    function _often(uint256 times, bytes4 move) private {
        for (uint256 i = 0; i < times; ++i) _moves.push(move);
    }
}
