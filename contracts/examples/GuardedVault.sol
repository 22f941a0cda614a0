// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IAlertFeedTypes} from "../interfaces/IAlertFeedTypes.sol";
import {IRiskOracle} from "../interfaces/IRiskOracle.sol";

/// @title GuardedVault
/// @notice An example of a contract that acts on alerts: it takes no deposit from a flagged address.
/// @dev Who is in may always leave: an alert can be wrong, and a vault that held money back on the word of others would
/// make the feed worth attacking. If the feed does not answer, deposits wait and withdrawals go on.
contract GuardedVault {
    using SafeERC20 for IERC20;

    /// @notice `amount` came in from `owner`.
    event Deposited(address indexed owner, uint256 amount);
    /// @notice `amount` went back to `owner`.
    event Withdrawn(address indexed owner, uint256 amount);

    /// @notice The feed flags the address, at this probability in basis points.
    error Flagged(address subject, uint16 probability, uint8 category);
    /// @notice The token moved another amount than it was asked to: one that takes a fee is not for this vault.
    error WrongTransfer(uint256 received, uint256 expected);
    /// @notice The address has less here.
    error BalanceTooSmall(uint256 balance, uint256 wanted);

    /// @notice What is kept.
    address public immutable token;

    /// @notice Whose alerts count.
    address public immutable feed;

    /// @notice From this probability on a flagged address is refused, in basis points.
    uint16 public immutable threshold;

    /// @notice What an address has here.
    mapping(address owner => uint256 amount) public balanceOf;

    /// @param token_ What is kept.
    /// @param feed_ Whose alerts count.
    /// @param threshold_ From this probability on a flagged address is refused, in basis points.
    constructor(address token_, address feed_, uint16 threshold_) {
        // Either being wrong makes deposits revert, and there is nothing else to lose.
        // slither-disable-next-line missing-zero-check
        token = token_;
        // As above.
        // slither-disable-next-line missing-zero-check
        feed = feed_;
        threshold = threshold_;
    }

    /// @notice Takes a deposit of the caller. Needs an allowance. Reverts Flagged, WrongTransfer, or with the error of
    /// the token, or of the feed.
    function deposit(uint256 amount) external {
        IAlertFeedTypes.Risk memory risk = IRiskOracle(feed).riskOf(msg.sender);
        if (risk.flagged && risk.probability >= threshold) revert Flagged(msg.sender, risk.probability, risk.category);
        balanceOf[msg.sender] += amount;
        emit Deposited(msg.sender, amount);
        // What an address has here is backed one for one.
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = IERC20(token).balanceOf(address(this)) - before;
        if (received != amount) revert WrongTransfer(received, amount);
    }

    /// @notice Gives a deposit back, whatever the feed says. Reverts BalanceTooSmall.
    function withdraw(uint256 amount) external {
        uint256 balance = balanceOf[msg.sender];
        if (amount > balance) revert BalanceTooSmall(balance, amount);
        balanceOf[msg.sender] = balance - amount;
        emit Withdrawn(msg.sender, amount);
        IERC20(token).safeTransfer(msg.sender, amount);
    }
}
