// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IHiveTypes} from "../../contracts/interfaces/IHiveTypes.sol";
import {Bits} from "../../contracts/libraries/Bits.sol";
import {G1Sum} from "../../contracts/libraries/G1Sum.sol";
import {Hashes} from "../../contracts/libraries/Hashes.sol";
import {Jury} from "../../contracts/libraries/Jury.sol";
import {Lanes} from "../../contracts/libraries/Lanes.sol";
import {Phases} from "../../contracts/libraries/Phases.sol";
import {Progress, ProgressBits} from "../../contracts/libraries/ProgressBits.sol";
import {Shares} from "../../contracts/libraries/Shares.sol";
import {Updates} from "../../contracts/libraries/Updates.sol";

/// @title Harness
/// @notice The hive's libraries, callable one by one: only for tests, which hold them against Python.
contract Harness is IHiveTypes {
    using Bits for uint24;
    using Jury for Jury.Bench;

    TaskConfig private _config;

    function updateHash(
        uint32 round,
        uint16 shard,
        uint32 node,
        bytes32 digest,
        G1 calldata commitment
    ) external pure returns (bytes32) {
        return Hashes.ofUpdate(round, shard, node, digest, commitment);
    }

    function hashesInSlice(uint32 round, Update[] calldata updates) external pure returns (bytes32[] memory hashes) {
        hashes = new bytes32[](updates.length);
        (uint256 at, uint256 end) = Updates.range(updates);
        for (uint256 i = 0; at < end; at += Updates.SIZE) hashes[i++] = Hashes.tagged(Updates.hashAt(at), round);
    }

    function verdictHash(
        uint64 task,
        uint32 round,
        uint32 node,
        bytes calldata scores,
        bytes32 verdict,
        bytes32 salt
    ) external pure returns (bytes32) {
        return Hashes.ofCommit(task, round, node, keccak256(scores), verdict, salt);
    }

    function revealedHash(uint32 node, bytes calldata scores) external pure returns (bytes32) {
        return Hashes.ofVerdict(node, keccak256(scores));
    }

    function roundSeed(bytes32 seed, uint32 round) external pure returns (bytes32) {
        return Hashes.ofRoundSeed(seed, round);
    }

    function split(uint96 reward, uint16 trainerBps, uint256 worth, uint256 seats)
        external
        pure
        returns (uint88, uint88)
    {
        return Shares.split(reward, trainerBps, worth, seats);
    }

    /// @notice What a tally makes of the scores, but for commitments. `owners` has the node of each shard, 0 for none.
    function judge(uint256[] calldata owners, uint32[] calldata nodes, bytes[] calldata scores, uint256 tolerance)
        external
        pure
        returns (bytes memory medians, uint256[] memory strayed, uint24 paid)
    {
        Jury.Bench memory bench = Jury.open(nodes.length);
        for (uint256 i = 0; i < nodes.length; ++i) bench.seat(i, nodes[i], scores[i]);
        medians = new bytes(owners.length);
        uint256 count = 0;
        for (uint256 from = 0; from < owners.length; from += 32) {
            bench.turnTo(from >> 5);
            uint256 tallied = 0;
            for (uint256 k = 0; k < 32 && from + k < owners.length; ++k) {
                if (owners[from + k] == 0) continue;
                ++count;
                tallied |= 1 << (248 - 8 * k);
                bench.recuse(owners[from + k], k, tolerance);
            }
            uint256 recorded = bench.medians() & (tallied * 255);
            bench.compare(recorded, tallied);
            for (uint256 k = 0; k < 32 && from + k < owners.length; ++k) {
                medians[from + k] = bytes1(uint8(Lanes.byteAt(recorded, k)));
            }
            // As between two slices.
            uint256[3] memory kept = bench.packed();
            bench.resume(kept);
        }
        strayed = new uint256[](nodes.length);
        for (uint256 i = 0; i < nodes.length; ++i) strayed[i] = bench.judges[i].strayed;
        paid = bench.paid(uint24((1 << nodes.length) - 1), tolerance * count);
    }

    /// @notice Adds points up, going on from a stored sum each time, and says which of them could be added.
    function sum(G1[] calldata points) external view returns (G1 memory total, bool[] memory added) {
        added = new bool[](points.length);
        for (uint256 i = 0; i < points.length; ++i) {
            bytes32[8] memory buffer;
            G1Sum.resume(buffer, total);
            added[i] = G1Sum.add(buffer, points[i]);
            total = G1Sum.compact(buffer);
        }
    }

    /// @notice The clock: a round with these counts, `phase` and `deadline`, at `time`.
    function progressAt(
        TaskConfig calldata config,
        Phase phase,
        uint40 deadline,
        uint16 submitted,
        uint8 committed,
        uint8 revealed,
        uint256 time
    ) external returns (Phase, uint40, Phase) {
        _config = config;
        Progress p = ProgressBits.opened(0, 0, 0, 0).enter(phase, deadline);
        for (uint256 i = 0; i < submitted; ++i) p = p.withUpdate();
        for (uint256 i = 0; i < committed; ++i) p = p.withCommit(i);
        for (uint256 i = 0; i < revealed; ++i) p = p.withReveal(i);
        Phase reached;
        (p, reached) = Phases.at(p, _config, time);
        return (p.phase(), p.deadline(), reached);
    }
}
