// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Rfc9162} from "../lib/Rfc9162.sol";
import {DistinctTree, ReferenceTree, UniformTree} from "./ReferenceTree.sol";
import {vm} from "./Vm.sol";

/// @dev The library's functions, callable with proofs from memory.
contract Verifier {
    function includes(bytes32 leafHash, uint64 index, uint64 size, bytes32 root, bytes32[] calldata proof)
        external
        pure
        returns (bool)
    {
        return Rfc9162.includes(leafHash, index, size, root, proof);
    }

    function extends(bytes32 oldRoot, bytes32 newRoot, uint64 oldSize, uint64 newSize, bytes32[] calldata proof)
        external
        view
        returns (bool)
    {
        return Rfc9162.extends(oldRoot, newRoot, oldSize, newSize, proof);
    }
}

/// @dev One honest proof and every forgery of it. What verifies a proof is the inheritor's.
abstract contract ForgeryCheck {
    function _verify(bytes32[] memory proof) internal view virtual returns (bool);

    function _checkForgeries(bytes32[] memory proof) internal view {
        vm.assertTrue(_verify(proof), "honest");
        for (uint256 i = 0; i <= proof.length; ++i) {
            vm.assertFalse(_verify(_withAdded(proof, i, i == 0 ? bytes32(0) : proof[i - 1])), "added");
            if (i == proof.length) break;
            vm.assertFalse(_verify(_withDropped(proof, i)), "dropped");
            vm.assertFalse(_verify(_withFlipped(proof, i)), "flipped");
            for (uint256 j = 0; j < i; ++j) {
                vm.assertFalse(_verify(_withSwapped(proof, i, j)), "reordered");
            }
        }
    }

    function _copy(bytes32[] memory proof) private pure returns (bytes32[] memory copy) {
        copy = new bytes32[](proof.length);
        for (uint256 i = 0; i < proof.length; ++i) {
            copy[i] = proof[i];
        }
    }

    function _withAdded(bytes32[] memory proof, uint256 place, bytes32 hash)
        private
        pure
        returns (bytes32[] memory forged)
    {
        forged = new bytes32[](proof.length + 1);
        for (uint256 i = 0; i < forged.length; ++i) {
            forged[i] = i == place ? hash : proof[i < place ? i : i - 1];
        }
    }

    function _withDropped(bytes32[] memory proof, uint256 place) private pure returns (bytes32[] memory forged) {
        forged = new bytes32[](proof.length - 1);
        for (uint256 i = 0; i < forged.length; ++i) {
            forged[i] = proof[i < place ? i : i + 1];
        }
    }

    function _withFlipped(bytes32[] memory proof, uint256 place) private pure returns (bytes32[] memory forged) {
        forged = _copy(proof);
        forged[place] = _flipped(forged[place]);
    }

    function _withSwapped(bytes32[] memory proof, uint256 i, uint256 j) private pure returns (bytes32[] memory forged) {
        forged = _copy(proof);
        (forged[i], forged[j]) = (forged[j], forged[i]);
    }

    /// @dev One bit differs; which one depends on the hash, so that many hashes try them all.
    function _flipped(bytes32 hash) internal pure returns (bytes32) {
        return hash ^ bytes32(2 ** (uint256(hash) % 256));
    }
}

/// @dev All consistency proofs of one pair of sizes.
contract ConsistencyCheck is ForgeryCheck {
    Verifier private immutable _verifier = new Verifier();
    ReferenceTree private immutable _tree;
    uint64 private _oldSize;
    uint64 private _newSize;
    bytes32 private _oldRoot;
    bytes32 private _newRoot;

    constructor(ReferenceTree tree) {
        _tree = tree;
    }

    function check(uint64 oldSize, uint64 newSize) external {
        bytes32[] memory proof = _tree.consistency(oldSize, newSize);
        (bytes32 oldRoot, bytes32 newRoot) = (_tree.root(oldSize), _tree.root(newSize));
        (_oldSize, _newSize, _oldRoot, _newRoot) = (oldSize, newSize, oldRoot, newRoot);
        _checkForgeries(proof);
        vm.assertFalse(_verifier.extends(_flipped(oldRoot), newRoot, oldSize, newSize, proof), "old root");
        vm.assertFalse(_verifier.extends(oldRoot, _flipped(newRoot), oldSize, newSize, proof), "new root");
        vm.assertFalse(_verifier.extends(newRoot, oldRoot, oldSize, newSize, proof), "exchanged roots");
        vm.assertFalse(_verifier.extends(newRoot, oldRoot, newSize, oldSize, proof), "shrinking");
    }

    function _verify(bytes32[] memory proof) internal view override returns (bool) {
        return _verifier.extends(_oldRoot, _newRoot, _oldSize, _newSize, proof);
    }
}

/// @dev All inclusion proofs of one leaf under one size.
contract InclusionCheck is ForgeryCheck {
    Verifier private immutable _verifier = new Verifier();
    ReferenceTree private immutable _tree;
    uint64 private _index;
    uint64 private _size;
    bytes32 private _leaf;
    bytes32 private _root;

    constructor(ReferenceTree tree) {
        _tree = tree;
    }

    function check(uint64 index, uint64 size) external {
        bytes32[] memory proof = _tree.inclusion(index, size);
        (bytes32 leaf, bytes32 root) = (_tree.leafHash(index), _tree.root(size));
        (_index, _size, _leaf, _root) = (index, size, leaf, root);
        _checkForgeries(proof);
        vm.assertFalse(_verifier.includes(_flipped(leaf), index, size, root, proof), "leaf");
        vm.assertFalse(_verifier.includes(leaf, index, size, _flipped(root), proof), "root");
        vm.assertFalse(_verifier.includes(leaf, size, size, root, proof), "index beyond the tree");
        vm.assertFalse(_verifier.includes(leaf, index, 0, root, proof), "empty tree");
        for (uint64 other = 0; other < size; ++other) {
            vm.assertEq(_verifier.includes(leaf, other, size, root, proof), other == index);
        }
    }

    function _verify(bytes32[] memory proof) internal view override returns (bool) {
        return _verifier.includes(_leaf, _index, _size, _root, proof);
    }
}

contract Rfc9162Test {
    uint64 private constant LARGEST = 64;
    uint64 private constant SMALL = 12;

    Verifier private _verifier;
    DistinctTree private _distinct;
    UniformTree private _uniform;
    mapping(uint64 oldSize => mapping(uint64 newSize => uint256)) private _consistencyLength;
    mapping(uint64 index => mapping(uint64 size => uint256)) private _inclusionLength;

    function setUp() public {
        _verifier = new Verifier();
        _distinct = new DistinctTree();
        _uniform = new UniformTree();
        for (uint64 size = 1; size <= SMALL; ++size) {
            for (uint64 below = 0; below < size; ++below) {
                if (below != 0) _consistencyLength[below][size] = _uniform.consistency(below, size).length;
                _inclusionLength[below][size] = _uniform.inclusion(below, size).length;
            }
        }
    }

    function test_emptyRoot() public pure {
        vm.assertEq(Rfc9162.EMPTY_ROOT, sha256(""));
    }

    function test_extends_allSizes() public {
        ConsistencyCheck checker = new ConsistencyCheck(_distinct);
        for (uint64 newSize = 2; newSize <= LARGEST; ++newSize) {
            for (uint64 oldSize = 1; oldSize < newSize; ++oldSize) {
                checker.check(oldSize, newSize);
            }
        }
    }

    function test_includes_allSizes() public {
        InclusionCheck checker = new InclusionCheck(_distinct);
        for (uint64 size = 1; size <= LARGEST; ++size) {
            for (uint64 index = 0; index < size; ++index) {
                checker.check(index, size);
            }
        }
    }

    function test_extends_refusesEqualAndEmpty() public view {
        bytes32 root = _distinct.root(4);
        bytes32[] memory none = new bytes32[](0);
        vm.assertFalse(_verifier.extends(root, root, 4, 4, none), "equal");
        vm.assertFalse(_verifier.extends(_distinct.root(0), root, 0, 4, none), "from the empty tree");
        vm.assertFalse(_verifier.extends(root, root, 4, 8, none), "without proof");
    }

    /// A proof does not bind the sizes, but its length must be that of theirs.
    function test_extends_refusesProofsOfOtherLength() public view {
        uint64 pairs = SMALL * SMALL;
        for (uint64 pair = 0; pair < pairs; ++pair) {
            (uint64 oldSize, uint64 newSize) = (pair / SMALL + 1, pair % SMALL + 1);
            if (oldSize >= newSize) continue;
            bytes32[] memory proof = _distinct.consistency(oldSize, newSize);
            (bytes32 oldRoot, bytes32 newRoot) = (_distinct.root(oldSize), _distinct.root(newSize));
            for (uint64 other = 0; other < pairs; ++other) {
                (uint64 otherOld, uint64 otherNew) = (other / SMALL + 1, other % SMALL + 1);
                if (otherOld >= otherNew || _consistencyLength[otherOld][otherNew] == proof.length) continue;
                vm.assertFalse(_verifier.extends(oldRoot, newRoot, otherOld, otherNew, proof), "other length");
            }
        }
    }

    function test_includes_refusesProofsOfOtherLength() public view {
        uint64 pairs = SMALL * SMALL;
        for (uint64 pair = 0; pair < pairs; ++pair) {
            (uint64 index, uint64 size) = (pair / SMALL, pair % SMALL + 1);
            if (index >= size) continue;
            bytes32[] memory proof = _distinct.inclusion(index, size);
            (bytes32 leaf, bytes32 root) = (_distinct.leafHash(index), _distinct.root(size));
            for (uint64 other = 0; other < pairs; ++other) {
                (uint64 otherIndex, uint64 otherSize) = (other / SMALL, other % SMALL + 1);
                if (otherIndex >= otherSize || _inclusionLength[otherIndex][otherSize] == proof.length) continue;
                vm.assertFalse(_verifier.includes(leaf, otherIndex, otherSize, root, proof), "other length");
            }
        }
    }

    /// Sizes of all magnitudes: as many bits as `oldBits` and `newBits` leave of the random numbers.
    function testFuzz_extends_largeSizes(uint64 oldSize, uint64 newSize, uint8 oldBits, uint8 newBits) public view {
        (oldSize, newSize) = (oldSize >> (oldBits % 64), newSize >> (newBits % 64));
        if (oldSize > newSize) (oldSize, newSize) = (newSize, oldSize);
        vm.assume(oldSize != 0 && oldSize != newSize);
        bytes32[] memory proof = _uniform.consistency(oldSize, newSize);
        (bytes32 oldRoot, bytes32 newRoot) = (_uniform.root(oldSize), _uniform.root(newSize));
        vm.assertTrue(_verifier.extends(oldRoot, newRoot, oldSize, newSize, proof), "honest");
        proof[oldSize % proof.length] ^= bytes32(uint256(1));
        vm.assertFalse(_verifier.extends(oldRoot, newRoot, oldSize, newSize, proof), "flipped");
    }

    function testFuzz_includes_largeSizes(uint64 index, uint64 size, uint8 bits) public view {
        size = size >> (bits % 64);
        vm.assume(size > 1);
        index = index % size;
        bytes32[] memory proof = _uniform.inclusion(index, size);
        (bytes32 leaf, bytes32 root) = (_uniform.leafHash(index), _uniform.root(size));
        vm.assertTrue(_verifier.includes(leaf, index, size, root, proof), "honest");
        proof[index % proof.length] ^= bytes32(uint256(1));
        vm.assertFalse(_verifier.includes(leaf, index, size, root, proof), "flipped");
    }

    /// No input makes the verifier accept by accident, revert or run long: it answers false.
    function testFuzz_refusesNoise(bytes32 hash, bytes32 root, uint64 small, uint64 large, bytes32[] calldata proof)
        public
        view
    {
        vm.assume(hash != root);
        vm.assertFalse(_verifier.extends(hash, root, small, large, proof), "extends");
        vm.assertFalse(_verifier.includes(hash, small, large, root, proof), "includes");
    }
}
