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
        (uint256 fn, uint256 sn) = (uint256(oldSize) - 1, uint256(newSize) - 1);
        while (fn & 1 == 1) (fn, sn) = (fn >> 1, sn >> 1);

        // A complete old tree is a node of the new one, which the proof leaves out.
        (bool complete, bytes32 fr, bytes32 sr) =
            fn == 0 ? _climb(oldRoot, fn, sn, proof) : _climb(proof[0], fn, sn, proof[1:]);
        return complete && fr == oldRoot && sr == newRoot;
    }

    /// @dev Step 6 of section 2.1.4.2, with its names: `fr` climbs to the old root and `sr` to the new one. In assembly
    /// because this loop is what an operator pays for at every advance: it hashes in place, where `_node` would
    /// allocate and copy each time.
    function _climb(bytes32 seed, uint256 fn, uint256 sn, bytes32[] calldata proof)
        private
        view
        returns (bool complete, bytes32 fr, bytes32 sr)
    {
        (fr, sr) = (seed, seed);
        complete = true;
        assembly ("memory-safe") {
            // A node's 65 bytes (section 2.1.1), in free memory: 0x01 ‖ left ‖ right. Its hash goes to scratch space.
            let node := mload(0x40)
            let left := add(node, 1)
            let right := add(node, 33)
            mstore8(node, 1)

            let end := add(proof.offset, shl(5, proof.length))
            // The precompile at 2 fails only when gas runs out. Then nothing may pass as a hash.
            for {} and(lt(proof.offset, end), gt(sn, 0)) { proof.offset := add(proof.offset, 32) } {
                switch or(and(fn, 1), eq(fn, sn))
                case 0 {
                    mstore(left, sr)
                    mstore(right, calldataload(proof.offset))
                    complete := and(complete, staticcall(gas(), 2, node, 65, 0, 32))
                    sr := mload(0)
                }
                default {
                    mstore(left, calldataload(proof.offset))
                    mstore(right, fr)
                    complete := and(complete, staticcall(gas(), 2, node, 65, 0, 32))
                    fr := mload(0)
                    mstore(right, sr)
                    complete := and(complete, staticcall(gas(), 2, node, 65, 0, 32))
                    sr := mload(0)
                    for {} iszero(or(and(fn, 1), iszero(fn))) {} {
                        fn := shr(1, fn)
                        sn := shr(1, sn)
                    }
                }
                fn := shr(1, fn)
                sn := shr(1, sn)
            }
            complete := and(complete, and(eq(proof.offset, end), iszero(sn)))
        }
    }

    /// @dev SHA-256(0x01 ‖ left ‖ right) (section 2.1.1).
    function _node(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x01), left, right));
    }
}
