// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title Vm
/// @notice The cheatcodes of forge that are used here.
interface Vm {
    /// @notice A log as it was emitted.
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    function addr(uint256 key) external pure returns (address);

    function sign(uint256 key, bytes32 hash) external pure returns (uint8 v, bytes32 r, bytes32 s);

    function prank(address sender) external;

    function warp(uint256 time) external;

    function etch(address where, bytes calldata code) external;

    function recordLogs() external;

    function getRecordedLogs() external returns (Log[] memory);

    function envOr(string calldata name, string calldata otherwise) external view returns (string memory);

    function envOr(string calldata name, bool otherwise) external view returns (bool);

    function readFile(string calldata path) external view returns (string memory);

    function writeLine(string calldata path, string calldata line) external;

    function parseJsonString(string calldata json, string calldata key) external pure returns (string memory);

    function parseBytes(string calldata hex_) external pure returns (bytes memory);

    function toString(uint256 value) external pure returns (string memory);

    function toString(bytes calldata value) external pure returns (string memory);
}
