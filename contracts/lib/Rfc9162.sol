// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Proofs about SHA-256 Merkle trees (RFC 9162 section 2.1)
/// @dev Neither proof binds the size of the tree it is offered for: of the honest consistency proofs most verify for
/// some other size too. The caller must know sizes from elsewhere. A proof longer than its tree is high is refused
/// after as many steps as the tree is high: 64 at most.
library Rfc9162 {
    /// @notice Root of the tree without leaves: SHA-256 of the empty string (section 2.1.1).
    bytes32 internal constant EMPTY_ROOT = 0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855;

    /// @notice Whether a leaf is at `index` in the tree of `size` leaves under `root` (section 2.1.3.2).
    function includes(bytes32 leafHash, uint64 index, uint64 size, bytes32 root, bytes32[] calldata proof)
        internal
        pure
        returns (bool)
    {
        if (index >= size) return false;
        (uint256 fn, uint256 sn) = (index, uint256(size) - 1);
        bytes32 r = leafHash;
        for (uint256 i = 0; i < proof.length; ++i) {
            if (sn == 0) return false;
            if (fn & 1 == 1 || fn == sn) {
                r = _node(proof[i], r);
                while (fn & 1 == 0 && fn != 0) (fn, sn) = (fn >> 1, sn >> 1);
            } else {
                r = _node(r, proof[i]);
            }
            (fn, sn) = (fn >> 1, sn >> 1);
        }
        return sn == 0 && r == root;
    }

    /// @notice Whether the tree of `newSize` leaves under `newRoot` extends the one of `oldSize` leaves under `oldRoot`
    /// (section 2.1.4.2). False unless 0 < oldSize < newSize.
    function extends(bytes32 oldRoot, bytes32 newRoot, uint64 oldSize, uint64 newSize, bytes32[] calldata proof)
        internal
        view
        returns (bool)
    {
        if (oldSize == 0 || oldSize >= newSize || proof.length == 0) return false;
        uint256 fn;
        uint256 sn;
        unchecked {
            // Steps 4 and 5: shifted right until fn is even, which is as often as the old size ends in a zero bit.
            uint256 low = uint256(oldSize) & (0 - uint256(oldSize));
            (fn, sn) = ((uint256(oldSize) - 1) / low, (uint256(newSize) - 1) / low);
        }
        (bool proven, bytes32 fr, bytes32 sr) = _climb(oldRoot, fn, sn, proof);
        return proven && fr == oldRoot && sr == newRoot;
    }

    /// @dev Step 6 of section 2.1.4.2, with its names: `fr` climbs to the old root and `sr` to the new one. In assembly
    /// because this loop is what an operator pays for at every advance: it hashes in place, where `_node` would
    /// allocate and copy each time. As long as `fn` and `sn` differ, each of their bits takes one hash of the proof; once
    /// they are equal, each bit that is set.
    function _climb(bytes32 seed, uint256 fn, uint256 sn, bytes32[] calldata proof)
        private
        view
        returns (bool proven, bytes32 fr, bytes32 sr)
    {
        proven = true;
        assembly ("memory-safe") {
            // Two nodes of 65 bytes (section 2.1.1), in free memory: 0x01 ‖ left ‖ right. The first makes fr, which is
            // always a right child and so is left in that place; the second makes sr.
            let oldNode := mload(0x40)
            let oldLeft := add(oldNode, 1)
            let oldRight := add(oldNode, 33)
            let newNode := add(oldNode, 65)
            let newLeft := add(oldNode, 66)
            let newRight := add(oldNode, 98)
            mstore8(oldNode, 1)
            mstore8(newNode, 1)

            let next := proof.offset
            // A complete old tree is a node of the new one, which the proof leaves out.
            if fn {
                seed := calldataload(next)
                next := add(next, 32)
            }
            mstore(oldRight, seed)
            mstore(newLeft, seed)

            // The sizes alone say how many hashes follow, 64 at most. What is read beyond the proof's end does no harm:
            // the comparison at the end of this block refuses it. The precompile at 2 fails only when gas runs out.
            // Then nothing may pass as a hash.
            for { let differing := xor(fn, sn) } differing { differing := shr(1, differing) } {
                switch and(fn, 1)
                case 0 { mstore(newRight, calldataload(next)) }
                default {
                    mstore(oldLeft, calldataload(next))
                    proven := and(proven, staticcall(gas(), 2, oldNode, 65, oldRight, 32))
                    mstore(newRight, mload(newLeft))
                    mstore(newLeft, mload(oldLeft))
                }
                proven := and(proven, staticcall(gas(), 2, newNode, 65, newLeft, 32))
                fn := shr(1, fn)
                next := add(next, 32)
            }
            // From here on sr is always a right child, too.
            mstore(newRight, mload(newLeft))
            for {} fn { fn := and(fn, sub(fn, 1)) } {
                let hash := calldataload(next)
                mstore(oldLeft, hash)
                proven := and(proven, staticcall(gas(), 2, oldNode, 65, oldRight, 32))
                mstore(newLeft, hash)
                proven := and(proven, staticcall(gas(), 2, newNode, 65, newRight, 32))
                next := add(next, 32)
            }
            fr := mload(oldRight)
            sr := mload(newRight)
            proven := and(proven, eq(next, add(proof.offset, shl(5, proof.length))))
        }
    }

    /// @dev SHA-256(0x01 ‖ left ‖ right) (section 2.1.1).
    function _node(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x01), left, right));
    }
}
