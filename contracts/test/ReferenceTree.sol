// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev Merkle trees and their proofs as RFC 9162 defines them: recursively, from the leaves. Slow, and nothing in
/// common with the verifier under test.
abstract contract ReferenceTree {
    /// @dev MTH(D[n]) (section 2.1.1).
    function root(uint256 size) public view returns (bytes32) {
        return size == 0 ? sha256("") : _subtree(0, size);
    }

    /// @dev PATH(m, D[n]) (section 2.1.3.1).
    function inclusion(uint256 index, uint256 size) public view returns (bytes32[] memory) {
        return _path(index, 0, size);
    }

    /// @dev PROOF(m, D[n]) (section 2.1.4.1).
    function consistency(uint256 oldSize, uint256 newSize) public view returns (bytes32[] memory) {
        return _subproof(oldSize, 0, newSize, true);
    }

    function leafHash(uint256 index) public view virtual returns (bytes32);

    /// @dev MTH(D[start : start + size]).
    function _subtree(uint256 start, uint256 size) internal view virtual returns (bytes32) {
        if (size == 1) return leafHash(start);
        uint256 left = _split(size);
        return _node(_subtree(start, left), _subtree(start + left, size - left));
    }

    function _path(uint256 index, uint256 start, uint256 size) private view returns (bytes32[] memory) {
        if (size == 1) return new bytes32[](0);
        uint256 left = _split(size);
        if (index < left) return _append(_path(index, start, left), _subtree(start + left, size - left));
        return _append(_path(index - left, start + left, size - left), _subtree(start, left));
    }

    function _subproof(uint256 oldSize, uint256 start, uint256 size, bool complete)
        private
        view
        returns (bytes32[] memory)
    {
        if (oldSize == size) {
            return complete ? new bytes32[](0) : _append(new bytes32[](0), _subtree(start, size));
        }
        uint256 left = _split(size);
        if (oldSize <= left) {
            return _append(_subproof(oldSize, start, left, complete), _subtree(start + left, size - left));
        }
        return _append(_subproof(oldSize - left, start + left, size - left, false), _subtree(start, left));
    }

    function _node(bytes32 left, bytes32 right) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(hex"01", left, right));
    }

    /// @dev The largest power of two below `size`.
    function _split(uint256 size) private pure returns (uint256 left) {
        left = 1;
        while (left * 2 < size) left *= 2;
    }

    function _append(bytes32[] memory list, bytes32 item) private pure returns (bytes32[] memory longer) {
        longer = new bytes32[](list.length + 1);
        for (uint256 i = 0; i < list.length; ++i) {
            longer[i] = list[i];
        }
        longer[list.length] = item;
    }
}

/// @dev A tree whose leaves all differ.
contract DistinctTree is ReferenceTree {
    function leafHash(uint256 index) public pure override returns (bytes32) {
        return sha256(abi.encodePacked(hex"00", "leaf", index));
    }
}

/// @dev A tree whose leaves are all the same, so that complete subtrees of one height are too: roots and proofs of any
/// 64-bit size cost logarithmic work.
contract UniformTree is ReferenceTree {
    function leafHash(uint256) public pure override returns (bytes32) {
        return sha256(abi.encodePacked(hex"00", "leaf"));
    }

    function _subtree(uint256 start, uint256 size) internal view override returns (bytes32 hash) {
        if (size & (size - 1) != 0) return super._subtree(start, size);
        hash = leafHash(start);
        for (; size > 1; size /= 2) {
            hash = _node(hash, hash);
        }
    }
}
