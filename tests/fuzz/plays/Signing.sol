// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IHive} from "../../../contracts/interfaces/IHive.sol";
import {Points} from "../Points.sol";
import {Training} from "./Training.sol";

/// @title Signing
/// @notice Batches of signed updates, some of them of no use.
abstract contract Signing is Training {
    /// @dev What is wrong with an item, or with nothing.
    enum Flaw {
        None,
        Expired,
        OtherKey,
        OtherDigest,
        OtherCommitment,
        OtherExpiry,
        OtherShard,
        OtherRound,
        OtherTask,
        OtherChain,
        OtherHive,
        Malleable,
        Rubbish
    }

    struct Item {
        uint64 task;
        uint32 round;
        uint8 point;
        Flaw flaw;
        SignedUpdate update;
    }

    uint256 private constant ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    // Moves

    function submitUpdates(uint256 seed) external {
        _enter(seed);
        uint64 t = _taskIn(Phase.Train);
        uint32 id = _roundOf(t);
        Item[] memory items = new Item[](_once(16) ? 0 : 1 + _draw(4));
        SignedUpdate[] memory updates = new SignedUpdate[](items.length);
        for (uint256 i = 0; i < items.length; ++i) {
            items[i] = i != 0 && _once(8) ? items[i - 1] : _anyItem(t, id);
            updates[i] = items[i].update;
        }
        _submitUpdates(_anybody(), t, id, items, updates);
    }

    // What it comes down to

    function _submitUpdates(address who, uint64 t, uint32 id, Item[] memory items, SignedUpdate[] memory updates)
        internal
    {
        bool[] memory counts = _foretell(t, id, items);
        uint256 n = 0;
        for (uint256 i = 0; i < counts.length; ++i) if (counts[i]) ++n;
        string memory refusal = n != 0 ? "" : "P13: a batch of nothing that counts";
        if (_tasks[t].rounds[id].phase != Phase.Train) refusal = "P7: updates after their phase";
        bytes memory data = abi.encodeCall(IHive.submitUpdates, (t, id, updates));
        (bool ok, bytes memory answer) = _call(address(hive), who, data, refusal);
        if (!ok) return;
        _expect(abi.decode(answer, (uint256)) == n, "P13: other updates of a batch count");
        for (uint256 i = 0; i < items.length; ++i) {
            if (counts[i]) _store(t, id, updates[i].shard, updates[i].digest, items[i].point);
        }
    }

    /// @dev Which items count: the good ones of shards that have no update yet, until the quota is full.
    function _foretell(uint64 t, uint32 id, Item[] memory items) private view returns (bool[] memory counts) {
        RoundModel storage r = _tasks[t].rounds[id];
        counts = new bool[](items.length);
        uint256 submitted = r.submitted;
        for (uint256 i = 0; i < items.length; ++i) {
            if (submitted == _tasks[t].config.updateQuota && submitted != 0) break;
            uint16 shard = items[i].update.shard;
            bool fresh = r.updates[shard].node == 0;
            for (uint256 j = 0; j < i; ++j) if (counts[j] && items[j].update.shard == shard) fresh = false;
            counts[i] = fresh && items[i].flaw == Flaw.None && _tasks[t].slots[Kind.Update][shard].node != 0;
            if (counts[i]) ++submitted;
        }
    }

    // Signing

    function _anyItem(uint64 t, uint32 id) private returns (Item memory item) {
        item.task = t;
        item.round = id;
        item.point = _anyPoint();
        item.flaw = _once(2) ? Flaw.None : Flaw(_draw(uint256(type(Flaw).max) + 1));
        SignedUpdate memory u = item.update;
        u.shard = _unsubmitted(t);
        u.expiry = uint40(_now + 1 + (_once(4) ? 0 : _draw(1000)));
        if (item.flaw == Flaw.Expired) u.expiry = uint40(_now - (_once(2) ? 0 : _draw(1000)));
        u.digest = _digest();
        u.commitment = Points.at(item.point);
        address operator = _tasks[t].slots[Kind.Update][u.shard].operator;
        uint256 key = _keyOf(operator == address(0) ? _actor(STRANGER) : operator);
        if (item.flaw == Flaw.OtherKey) key = 0xBAD;
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, _signed(item));
        u.r = r;
        u.vs = bytes32(uint256(s) + uint256(v - 27) * 2 ** 255);
        _spoil(item, v, s);
    }

    /// @dev What is signed, with the flaw in it if it is one of those.
    function _signed(Item memory item) private view returns (bytes32) {
        Flaw flaw = item.flaw;
        SignedUpdate memory u = item.update;
        G1 memory point = u.commitment;
        bytes32 message = keccak256(
            abi.encode(
                keccak256(
                    "SubmitUpdate(uint64 task,uint32 round,uint16 shard,bytes32 digest,bytes commitment,uint40 expiry)"
                ),
                flaw == Flaw.OtherTask ? item.task + 1 : item.task,
                flaw == Flaw.OtherRound ? item.round + 1 : item.round,
                flaw == Flaw.OtherShard ? u.shard + 1 : u.shard,
                u.digest,
                keccak256(abi.encodePacked(point.a, point.b, point.c)),
                u.expiry
            )
        );
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("AnomalyHive"),
                keccak256("1"),
                flaw == Flaw.OtherChain ? block.chainid + 1 : block.chainid,
                flaw == Flaw.OtherHive ? address(this) : address(hive)
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, message));
    }

    /// @dev Flaws that come after the signature.
    function _spoil(Item memory item, uint8 v, bytes32 s) private {
        SignedUpdate memory u = item.update;
        if (item.flaw == Flaw.OtherDigest) {
            u.digest = _digest();
        } else if (item.flaw == Flaw.OtherCommitment) {
            item.point = item.point == 0 ? 1 : 0;
            u.commitment = Points.at(item.point);
        } else if (item.flaw == Flaw.OtherExpiry) {
            ++u.expiry;
        } else if (item.flaw == Flaw.Malleable) {
            // The other root: its bit 255 is that of the parity, so what is read is no signature of the operator.
            u.vs = bytes32((ORDER - uint256(s)) % 2 ** 255 + (v == 27 ? 2 ** 255 : 0));
        } else if (item.flaw == Flaw.Rubbish) {
            (u.r, u.vs) = _once(2) ? (bytes32(0), bytes32(0)) : (_digest(), _digest());
        }
    }
}
