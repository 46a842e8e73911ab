// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ReferenceTree} from "../ReferenceTree.sol";

/// @dev The leaves of one log, as far as anybody looks, and the same leaves with one of them rewritten.
contract ModelTree is ReferenceTree {
    uint256 private constant NONE = type(uint256).max;

    bytes32 private immutable _seed;
    uint256 private _rewritten = NONE;

    constructor(bytes32 seed) {
        _seed = seed;
    }

    /// @dev From here on the leaf at `index` is another one.
    function rewrite(uint256 index) external {
        _rewritten = index;
    }

    function restore() external {
        _rewritten = NONE;
    }

    function leafHash(uint256 index) public view override returns (bytes32) {
        return sha256(abi.encodePacked(hex"00", index == _rewritten ? "forged" : "honest", _seed, index));
    }
}
