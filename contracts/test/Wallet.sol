// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @dev A wallet that is a contract (ERC-1271): it takes what its owner signed, until it is locked.
contract Wallet is IERC1271 {
    address private immutable _owner;
    bool public locked;

    constructor(address owner) {
        _owner = owner;
    }

    function lock() external {
        locked = true;
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        bool valid = !locked && ECDSA.recover(digest, signature) == _owner;
        return valid ? IERC1271.isValidSignature.selector : bytes4(0);
    }
}
