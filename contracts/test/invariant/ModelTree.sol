// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ReferenceTree} from "../ReferenceTree.sol";

/// @dev The leaves of one log, as far as anybody looks, and the same leaves with one of them rewritten.
contract ModelTree is ReferenceTree {
    uint256 private constant NONE = type(uint256).max;

    bytes32 private immutable _seed;
    uint256 private _rewritten = NONE;
    /// Where the leaves became others, in order: a later fork has all leaves from its place on.
    uint256[] private _forks;

    constructor(bytes32 seed) {
        _seed = seed;
    }

    /// @dev From here on the leaf at `index` is another one.
    function rewrite(uint256 index) external {
        _rewritten = index;
    }

    /// @dev From here on all leaves from `index` on are others.
    function fork(uint256 index) external {
        _forks.push(index);
    }

    function restore() external {
        _rewritten = NONE;
    }

    function leafHash(uint256 index) public view override returns (bytes32) {
        uint256 generation = _forks.length;
        while (generation != 0 && _forks[generation - 1] > index) --generation;
        string memory kind = index == _rewritten ? "forged" : "honest";
        return sha256(abi.encodePacked(hex"00", kind, _seed, generation, index));
    }
}
