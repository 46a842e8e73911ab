// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICompanies} from "../interfaces/ICompanies.sol";
import {Naming} from "./Naming.sol";
import {vm} from "./Vm.sol";

/// @dev An authority's signatures, written from EIP-712 and nothing in common with the contract under test.
library Signing {
    /// @dev r ‖ s ‖ v by the account of this secret.
    function company(address registry, ICompanies.NewCompany memory added, uint256 secret)
        internal
        view
        returns (bytes memory)
    {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(secret, digest(registry, block.chainid, added));
        return abi.encodePacked(r, s, v);
    }

    function digest(address registry, uint256 chainId, ICompanies.NewCompany memory added)
        internal
        pure
        returns (bytes32)
    {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("eseal SealRegistry"),
                keccak256("2"),
                chainId,
                registry
            )
        );
        bytes32 content = keccak256(
            abi.encode(
                keccak256("Company(bytes32 subject,bytes32 vrfKey,bytes32 foundersHash,address foundersAccount)"),
                Naming.subject(added.vrfKey, added.output),
                added.vrfKey,
                added.foundersHash,
                added.foundersAccount
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, content));
    }
}
