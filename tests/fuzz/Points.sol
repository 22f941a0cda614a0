// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IHiveTypes} from "../../contracts/interfaces/IHiveTypes.sol";

/// @title Points
/// @notice Commitments whose sums are known: k * G for k from -12 to 12, G the project's generator number 0. So the sum of
/// any few of them is in the table, and the contract's additions are held against it, infinity and doubling among them.
library Points {
    /// @notice Entries of the table.
    uint8 internal constant GOOD = 25;

    /// @notice Number of infinity: k = 0.
    uint8 internal constant INFINITY = 12;

    /// @notice Numbers from GOOD to this one, exclusive, are 96 bytes that are no point.
    uint8 internal constant ALL = 28;

    /// @notice Commitment number `id`: (id - 12) * G if there is one, else rubbish.
    function at(uint8 id) internal pure returns (IHiveTypes.G1 memory point) {
        // A coordinate beyond the field, one that is not reduced, and a point beside the curve.
        if (id == GOOD) return IHiveTypes.G1(bytes32(type(uint256).max), bytes32(type(uint256).max), bytes32(0));
        if (id == GOOD + 1) return IHiveTypes.G1(bytes32(uint256(1) << 255), bytes32(0), bytes32(uint256(1)));
        if (id > GOOD + 1) return IHiveTypes.G1(bytes32(0), bytes32(uint256(1) << 128), bytes32(uint256(1)));
        bytes memory table = TABLE;
        assembly ("memory-safe") {
            let from := add(add(table, 32), mul(id, 96))
            mstore(point, mload(from))
            mstore(add(point, 32), mload(add(from, 32)))
            mstore(add(point, 64), mload(add(from, 64)))
        }
    }

    /// @dev x and y of -12 * G, -11 * G, ..., 12 * G.
    bytes private constant TABLE =
        hex"18facb74c3eb42cd20ff8647082a86c7e21712d86f8b08b8c92150b991ccfbc0e1b3bcdb1e4a68b29643dc4a663960c5"
        hex"161a1d4008a3b81343ee6c79e4f0649ec9cf4dd2151af03bafadb1fc2c69dd2129a5afb812b6bb2e02bd191c7192018b"
        hex"0af6b5167bd02ca2dfd8f60bee6ce9775d5cacb272550f1f085a008662ea5f6e811db5eac99c8fe913ef64672c3cceac"
        hex"01d4699954e4f95817cc2277691eb7a1f649ad5c58bfb83dceb459fb21ef15340268d78e83ef2c128b1b69726204fea8"
        hex"054cdf84520f45ae34e61f08daa7c294203d16b8a6af0b4830b3f6ef77d61b368081d903b4e117b1c191324719e72e0e"
        hex"0676256d7d90f037cf9f23384b7810a238b14ebc58fa6f4aeb9cba990cd11d30735e25c5a2db27e3abc378f653c9e4ce"
        hex"126075b9930c77eff07914e8a421b81681ceabeacb70b226493c76f2c47af33689859280ba93f5978b986ca858341a3d"
        hex"0f02c6f7fdf35d8b792f73fe7cef7e269cea443431dfc7525db1219bb21689b44910620de1e60cb59b77f6df9e6f77eb"
        hex"08d74e8f900ee74ddc30b32a6809451e66db2c448a33080a4485e774531c44206cba8681ac8327e97b3301284f9949d1"
        hex"18981bcdd27b71a0a61761321e65c41e77e47bd6a765efe286f0c72574a6fe597464075222e3620b35faedba907ec31c"
        hex"0bbb9912da83be19fbfcaafc47f6739c3ae52b08213f2a660465084bc66c3be561555874d1f1cf2432174a95254adff6"
        hex"1169ff04ed49bb153cddcccf8070900f840f0216f08c715ad3ede7e3bfd1dbc803fcfadc0f6421d3fdfdcee4d23c80a7"
        hex"07136010605a86b14a44fb22c22e5a420518cff82051692f22b6f6ed10ed0bf6f553eb7ba51784abceb515a6d552304b"
        hex"133bde4278c653258e990872f914b4c8d0041e805fd5b1f4800193f3c4eb38d03c00451f989c49ba3cb30144d6a84555"
        hex"0f38bc2708c55346c2e71b2c4b468caa2992f5c566b846af00e637f0cb5d7d31385ac90bb7257f67e3b3715c9227a1ba"
        hex"07e30214f2ce85d6509d0231e68549eb191dad477675cc49e2b297a90c75d9c29f7670b87ce5d336e284716183b23336"
        hex"02d919ea2dd3326176b4c68c5548f40e573723ea755b90bea0a26e9dfeee973ed9b71e830fa60437c14e41d9dc57e5cc"
        hex"0eb14dcaf2d3a8fef4e9cd6379dff239dbfbb3e14b7f6cdd8502b8dcc65ebc35abeaba8416393e3e66bfdebd39669aad"
        hex"08a5cf21351d3860b8f64d4c1eae9c5abbf2a7ccb932d6d42b6b6b5c3be63c9c5aa6dcb69dd463907040b3ea28934a53"
        hex"0e5a246acaccc294150e362fb7121308d7708687c1315ee40e4552bdccdcd7d59e5dec0c7409f2f693c85f62be15bf94"
        hex"187a834a2fffe63e06fd3f94a5cfe53544c58974bd32f9728f8b26662177fe6d65497eabc75c17550eaeb85dc4009654"
        hex"01f3d1aa8e06a32e43e542dd10b1dbab37e4a1c017ef613a76f8f56f7ce7314dfa9021ccc8ffb58b1677f7f4b0d67728"
        hex"11d92ee0f002ef9c424a64cebef4340007583725e33865a5f05c5069c049443eb4119766d1524104a2cb0b7ddedad8f8"
        hex"0cc85b8f1b19717bc736f19d7c5def8a826ed2e7ae2b82a07593ce758627846943e34ea909aeef7d56a054399426bd5d"
        hex"000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        hex"000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        hex"11d92ee0f002ef9c424a64cebef4340007583725e33865a5f05c5069c049443eb4119766d1524104a2cb0b7ddedad8f8"
        hex"0d38b65b1e66751e83e4b618c6edbd4ce208789d4559901ef19d042b708971badac8b155a7a51082635eabc66bd8ed4e"
        hex"187a834a2fffe63e06fd3f94a5cfe53544c58974bd32f9728f8b26662177fe6d65497eabc75c17550eaeb85dc4009654"
        hex"180d403fab79436c073664d93299d12c2c92a9c4db95b184f037dd3179c9c4d6241bde31e8544a74a387080b4f293383"
        hex"08a5cf21351d3860b8f64d4c1eae9c5abbf2a7ccb932d6d42b6b6b5c3be63c9c5aa6dcb69dd463907040b3ea28934a53"
        hex"0ba6ed7f6eb32406360d71868c3999ce8d06c4fd3253b3db58eb7fe329d41e4e804e13f23d4a0d092636a09d41e9eb17"
        hex"02d919ea2dd3326176b4c68c5548f40e573723ea755b90bea0a26e9dfeee973ed9b71e830fa60437c14e41d9dc57e5cc"
        hex"0b4fc41f46ac3d9b5631da52c96bba9d887b97a3a805a5e1e22e19c4305239ee72c1457a9b1ac1c1533f2142c6990ffe"
        hex"0f38bc2708c55346c2e71b2c4b468caa2992f5c566b846af00e637f0cb5d7d31385ac90bb7257f67e3b3715c9227a1ba"
        hex"121e0fd546b160c3fa7ea5845cc662ec4b599e3d7d0f4675847e3af7ea3b1c617f358f46346e2cc8d77a8e9e7c4d7775"
        hex"07136010605a86b14a44fb22c22e5a420518cff82051692f22b6f6ed10ed0bf6f553eb7ba51784abceb515a6d552304b"
        hex"06c533a7c0b99374bc829f434a36f80e94732d0493af60cae72f3ead31c5bd53e2abbadf18b7b6457d4bfebb29576556"
        hex"0bbb9912da83be19fbfcaafc47f6739c3ae52b08213f2a660465084bc66c3be561555874d1f1cf2432174a95254adff6"
        hex"089712e54c362b850e3ddae6c2db1cc7e068496e02f8a1649342eabd36df1a5c1aaf0522a1efde2bbc01311b2dc32a04"
        hex"08d74e8f900ee74ddc30b32a6809451e66db2c448a33080a4485e774531c44206cba8681ac8327e97b3301284f9949d1"
        hex"0168f61c670474f9a504468424e5e8b8ec92cfae4c1f22dce0400b7b8209f7caaa47f8ac8e709df4840412456f80e78f"
        hex"126075b9930c77eff07914e8a421b81681ceabeacb70b226493c76f2c47af33689859280ba93f5978b986ca858341a3d"
        hex"0afe4af23b8c890ed1ec33b7c65c2eb0c78d0750c1a54b6d097fb105449a6c6fd59b9df0cf6df34a1e870920619032c0"
        hex"054cdf84520f45ae34e61f08daa7c294203d16b8a6af0b4830b3f6ef77d61b368081d903b4e117b1c191324719e72e0e"
        hex"138aec7cbbeef6627b7c847df7d39c352bc5fcc89a8aa3747b941807e9dfd8f3ab4dda390e78d81c0e3b8709ac35c5dd"
        hex"0af6b5167bd02ca2dfd8f60bee6ce9775d5cacb272550f1f085a008662ea5f6e811db5eac99c8fe913ef64672c3cceac"
        hex"182ca850e49aed42334f853eda2cf5356e2d9e289ac55a81987c78a5d4c1e0f01c4328702d64d3ed2ee3968d9dfaac03"
        hex"18facb74c3eb42cd20ff8647082a86c7e21712d86f8b08b8c92150b991ccfbc0e1b3bcdb1e4a68b29643dc4a663960c5"
        hex"03e6f4aa30dc2e87072d3b3c5e5b48389aa7fdb2de6a2283b78320a4ca471902f50650469e9d44d1b741e6e38e6da920";
}
