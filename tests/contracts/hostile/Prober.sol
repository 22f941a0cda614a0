// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title Prober
/// @notice Makes a call with one gas limit after the other, and tells what the call did under each; none of them lasts.
contract Prober {
    struct Look {
        address target;
        bytes data;
    }

    error Seen(bool ok, bytes[] answers);

    /// @param target Called with `data` under each gas limit from `from` on, `count` of them, `step` apart.
    /// @param looks Views that tell what the call has done.
    /// @return done Whether the call succeeded, by gas limit.
    /// @return answers What the views answered then; empty where it did not succeed.
    function sweep(address target, bytes calldata data, Look[] calldata looks, uint256 from, uint256 step, uint256 count)
        external
        returns (bool[] memory done, bytes[][] memory answers)
    {
        done = new bool[](count);
        answers = new bytes[][](count);
        for (uint256 i = 0; i < count; ++i) {
            try this.attempt(target, data, looks, from + i * step) {}
            catch (bytes memory seen) {
                (done[i], answers[i]) = this.read(seen);
            }
        }
    }

    /// @notice Calls, looks, and undoes it all by reverting with what it saw.
    function attempt(address target, bytes calldata data, Look[] calldata looks, uint256 limit) external {
        (bool ok,) = target.call{gas: limit}(data);
        bytes[] memory answers = new bytes[](ok ? looks.length : 0);
        for (uint256 i = 0; i < answers.length; ++i) (, answers[i]) = looks[i].target.staticcall(looks[i].data);
        revert Seen(ok, answers);
    }

    function read(bytes calldata seen) external pure returns (bool ok, bytes[] memory answers) {
        return abi.decode(seen[4:], (bool, bytes[]));
    }
}
