// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {IAlertFeed} from "../interfaces/IAlertFeed.sol";
import {IHiveTypes} from "../interfaces/IHiveTypes.sol";
import {Bits} from "../libraries/Bits.sol";
import {Risks} from "./Risks.sol";
import {Rewards} from "./Rewards.sol";

/// @title Appeals
/// @notice How an alert is taken down against its author's will: the task's validators decide, unseen by each other.
abstract contract Appeals is Rewards, Risks {
    using Bits for uint24;

    // Appealing

    /// @inheritdoc IAlertFeed
    function appeal(address subject, bytes32 evidence) external returns (uint32 appealId) {
        if (evidence == 0) revert ZeroDigest();
        Subject storage s = _subjects[subject];
        if (s.appeal != 0) revert AppealPending(subject, s.appeal);
        // INVARIANT: between two appeals there is time to settle, so nobody holds rewards back by appealing for ever.
        if (block.timestamp < s.appealableAt) revert WrongTime(s.appealableAt, 0);
        if (!riskOf(subject).flagged) revert NotFlagged(subject);
        IHiveTypes.TaskView memory t = _hive().task(task);
        appealId = ++appealCount;
        s.appeal = appealId;
        Appeal storage a = _cases[appealId].appeal;
        a.subject = subject;
        a.openedAt = uint40(block.timestamp);
        a.round = t.lastFinal;
        a.appellant = msg.sender;
        uint96 each = _rules.voteReward;
        // All seats or none, so that no vote is paid for coming early.
        if (each != 0 && _lock(uint128(each) * t.config.seats)) a.voteReward = each;
        uint128 lockedNow = uint128(a.voteReward) * t.config.seats;
        emit AppealOpened(appealId, subject, msg.sender, evidence, t.lastFinal, lockedNow);
        _pull(_rules.bond);
    }

    // Voting

    /// @inheritdoc IAlertFeed
    function commitVote(uint32 appealId, uint8 seatId, bytes32 commitHash) external {
        Appeal storage a = _existing(appealId);
        if (block.timestamp >= _votesEnd(a)) revert WrongTime(a.openedAt, _votesEnd(a));
        if (commitHash == 0) revert ZeroHash();
        IHiveTypes.Holder memory h = _hive().seat(task, seatId);
        if (msg.sender != h.operator) revert NotOperator(msg.sender, h.operator);
        // INVARIANT: who votes sat there before the last final round at the appeal was opened. So nobody comes for the
        // vote (anyone can open a round, but only the seats can end one), and no node votes from two seats: whoever
        // changes seats since comes too late.
        if (h.since >= a.round) revert TooLate(seatId, h.since, a.round);
        if (_isParty(_subjects[a.subject], h.node)) revert OwnAlert(h.node, a.subject);
        if (a.committed.has(seatId)) revert AlreadyVoted(seatId);
        a.committed = a.committed.with(seatId);
        _cases[appealId].votes[seatId] = commitHash;
        emit VoteCommitted(appealId, seatId, h.node, commitHash);
    }

    /// @inheritdoc IAlertFeed
    function revealVote(uint32 appealId, uint8 seatId, uint32 nodeId, bool uphold, bytes32 salt) external {
        Appeal storage a = _existing(appealId);
        uint256 begin = _votesEnd(a);
        uint256 end = begin + _rules.revealSeconds;
        if (block.timestamp < begin || block.timestamp >= end) revert WrongTime(begin, end);
        // That a number of a node is no hash refuses who has shown its vote already.
        bytes32 due = keccak256(abi.encode(address(this), appealId, seatId, nodeId, uphold, salt));
        if (_cases[appealId].votes[seatId] != due) revert WrongReveal(seatId);
        _cases[appealId].votes[seatId] = bytes32(uint256(nodeId));
        if (uphold) a.upholding = a.upholding.with(seatId);
        else a.overturning = a.overturning.with(seatId);
        emit VoteRevealed(appealId, seatId, nodeId, uphold);
    }

    // Deciding

    /// @inheritdoc IAlertFeed
    function decide(uint32 appealId) external {
        Appeal storage a = _existing(appealId);
        if (a.outcome != Outcome.Open) revert AppealDecided(appealId);
        uint256 end = _votesEnd(a) + _rules.revealSeconds;
        if (block.timestamp < end) revert WrongTime(end, 0);
        IHiveTypes.TaskConfig memory c = _hive().task(task).config;
        address subject = a.subject;
        (Outcome outcome, uint24 majority) = _count(a, c.quorum);
        a.outcome = outcome;
        delete _subjects[subject].appeal;
        _payVotes(appealId, a.voteReward, majority, c.seats);
        if (outcome == Outcome.Overturned) _overturn(appealId, subject, a.openedAt);
        else _subjects[subject].appealableAt = uint40(block.timestamp + _rules.voteSeconds);
        uint96 bond = _rules.bond;
        emit AppealClosed(appealId, subject, outcome, bond);
        if (outcome == Outcome.Upheld) _burn(appealId, bond);
        else bonds[a.appellant] += bond;
    }

    // Views

    /// @inheritdoc IAlertFeed
    function appealState(uint32 appealId) external view returns (Appeal memory) {
        return _existing(appealId);
    }

    // Internals

    /// @dev INVARIANT: a quorum is more than half of the seats, so not both sides have one.
    function _count(Appeal storage a, uint8 quorum) private view returns (Outcome outcome, uint24 majority) {
        if (a.overturning.count() >= quorum) return (Outcome.Overturned, a.overturning);
        if (a.upholding.count() >= quorum) return (Outcome.Upheld, a.upholding);
        return (Outcome.Undecided, 0);
    }

    /// @dev INVARIANT: a lost bond reaches nobody, so no judge gains by upholding.
    function _burn(uint32 appealId, uint96 bond) private {
        if (bond == 0) return;
        // A token that cannot burn holds nothing up: the bond stays here then, and is nobody's. Nobody can bring that
        // about by too little gas: of what a burn fails with, 1/64 is left, too little to write down that it failed.
        // solhint-disable-next-line no-empty-blocks
        try ERC20Burnable(token).burn(bond) {}
        catch {
            // A call that failed has changed nothing, and all else was done before it.
            // slither-disable-next-line reentrancy-benign
            unburned += bond;
            // As above.
            // slither-disable-next-line reentrancy-events
            emit BondUnburned(appealId, bond);
        }
    }

    function _payVotes(uint32 appealId, uint96 each, uint24 majority, uint8 seats) private {
        if (each == 0) return;
        for (uint8 seatId = 0; majority >> seatId != 0; ++seatId) {
            if (majority.has(seatId)) owed[uint32(uint256(_cases[appealId].votes[seatId]))] += each;
        }
        _unlock(uint128(each) * seats, uint128(each * majority.count()));
    }

    /// @dev Alerts that came after the appeal was made are others, about which nobody has voted.
    function _overturn(uint32 appealId, address subject, uint40 openedAt) private {
        Subject storage s = _subjects[subject];
        uint24 posts = s.posts;
        for (uint8 p = 0; posts >> p != 0; ++p) {
            if (!posts.has(p)) continue;
            Entry storage entry = s.entries[p];
            if (!_isUnder(entry, openedAt)) continue;
            if (entry.locked) _settle(s, subject, p, false);
            _drop(s, p);
            entry.expiry = 0;
            uint32 nodeId = entry.node;
            _bar(s, nodeId);
            ++_standings[nodeId].overturned;
            emit AlertOverturned(subject, nodeId, p, appealId);
        }
    }

    function _existing(uint32 appealId) private view returns (Appeal storage a) {
        a = _cases[appealId].appeal;
        if (a.appellant == address(0)) revert UnknownAppeal(appealId);
    }

    function _votesEnd(Appeal storage a) private view returns (uint256) {
        return uint256(a.openedAt) + _rules.voteSeconds;
    }
}
