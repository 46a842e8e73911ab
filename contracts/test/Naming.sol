// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev The names that the registry computes, written from their definitions.
library Naming {
    function handle(bytes32 issuer, bytes32 certificate) internal pure returns (bytes32) {
        return sha256(bytes.concat(issuer, certificate));
    }

    function subject(bytes32 vrfKey, bytes32 output) internal pure returns (bytes32) {
        return sha256(bytes.concat(vrfKey, output));
    }
}
