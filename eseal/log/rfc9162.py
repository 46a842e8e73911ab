"""RFC 9162 section 2.1: the SHA-256 Merkle tree, its hashes and the verification of its proofs."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from eseal.errors import InvalidProofError

if TYPE_CHECKING:
    from collections.abc import Sequence

HASH_BYTES = 32
"""SHA-256: leaf hashes, nodes and roots are this long."""

MAX_SIZE = 2**63 - 1
"""Sizes and indexes stay below 2**63, so that every signed 64-bit reader can hold them."""

LEAF_PREFIX = b"\x00"
NODE_PREFIX = b"\x01"
"""RFC 9162 section 2.1.1: the prefixes keep a node from being passed off as a leaf."""

EMPTY_ROOT = sha256(b"").digest()
"""RFC 9162 section 2.1.1: the root of a tree without leaves, 32 bytes."""


def leaf_hash(data: bytes) -> bytes:
    """``SHA-256(0x00 ‖ data)``, 32 bytes (RFC 9162 section 2.1.1).

    Args:
        data: the bytes of one leaf, any length.
    """
    return sha256(LEAF_PREFIX + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """``SHA-256(0x01 ‖ left ‖ right)``, 32 bytes (RFC 9162 section 2.1.1).

    Args:
        left: root of the left subtree, 32 bytes.
        right: root of the right subtree, 32 bytes.
    """
    return sha256(NODE_PREFIX + left + right).digest()


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that a leaf stands at ``index`` in the tree of ``size`` leaves with ``root``.

    RFC 9162 section 2.1.3.2.

    Args:
        leaf: the leaf's hash, 32 bytes.
        index: its position, from 0.
        size: the tree's size in leaves.
        proof: sibling hashes from the leaf upwards, 32 bytes each.
        root: the tree's root, 32 bytes.

    Raises:
        InvalidProofError: the proof does not lead from the leaf to the root.
    """
    if not 0 <= index < size <= MAX_SIZE:
        raise InvalidProofError(
            f"inclusion proof: expected 0 <= index < size < 2**63, got index {index}, size {size}"
        )
    _check_hashes("inclusion proof", (leaf, root, *proof))
    node, last, computed = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise InvalidProofError(
                f"inclusion proof: expected fewer than {len(proof)} hashes "
                f"for index {index} of {size}"
            )
        if node & 1 or node == last:
            computed = node_hash(sibling, computed)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            computed = node_hash(computed, sibling)
        node >>= 1
        last >>= 1
    if last:
        raise InvalidProofError(
            f"inclusion proof: expected more than {len(proof)} hashes for index {index} of {size}"
        )
    _check_root("inclusion proof", computed, root)


def verify_consistency(
    old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the tree with ``new_root`` begins with all leaves of the tree with ``old_root``.

    RFC 9162 section 2.1.4.2; the two cases it leaves out are settled as everywhere in the field:
    every tree extends the empty one and itself, with an empty proof. A consistency proof does not
    bind ``new_size`` tightly: some proofs hold for several sizes, so take the size from a signed
    or anchored head, never from who offers the proof.

    Args:
        old_size: size of the smaller tree in leaves.
        new_size: size of the larger tree in leaves.
        old_root: root of the smaller tree, 32 bytes.
        new_root: root of the larger tree, 32 bytes.
        proof: the hashes of section 2.1.4.1, 32 bytes each.

    Raises:
        InvalidProofError: the proof does not lead to both roots.
    """
    if not 0 <= old_size <= new_size <= MAX_SIZE:
        raise InvalidProofError(
            f"consistency proof: expected 0 <= old size <= new size < 2**63, "
            f"got {old_size} and {new_size}"
        )
    _check_hashes("consistency proof", (old_root, new_root, *proof))
    if old_size in (0, new_size):
        if proof:
            raise InvalidProofError(f"consistency proof: expected no hashes, got {len(proof)}")
        if old_size == 0:
            _check_root("consistency proof from the empty tree", old_root, EMPTY_ROOT)
        if old_size == new_size:
            _check_root("consistency proof of a tree with itself", new_root, old_root)
        return
    # Step 2: the root of a perfect old tree is the first node, and the verifier has it already.
    hashes = (old_root, *proof) if old_size & (old_size - 1) == 0 else tuple(proof)
    _replay_consistency(old_size, new_size, hashes, old_root, new_root)


def _replay_consistency(
    old_size: int, new_size: int, hashes: tuple[bytes, ...], old_root: bytes, new_root: bytes
) -> None:
    """Steps 3 to 7 of RFC 9162 section 2.1.4.2, for ``0 < old_size < new_size``."""
    too_few = f"consistency proof: expected more hashes from size {old_size} to {new_size}"
    if not hashes:
        raise InvalidProofError(too_few)
    node, last = old_size - 1, new_size - 1
    while node & 1:
        node >>= 1
        last >>= 1
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            raise InvalidProofError(
                f"consistency proof: expected fewer hashes from size {old_size} to {new_size}"
            )
        if node & 1 or node == last:
            old = node_hash(sibling, old)
            new = node_hash(sibling, new)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            new = node_hash(new, sibling)
        node >>= 1
        last >>= 1
    if last:
        raise InvalidProofError(too_few)
    _check_root("consistency proof to the old root", old, old_root)
    _check_root("consistency proof to the new root", new, new_root)


def _check_hashes(what: str, hashes: Sequence[bytes]) -> None:
    for value in hashes:
        if len(value) != HASH_BYTES:
            raise InvalidProofError(
                f"{what}: expected hashes of {HASH_BYTES} bytes, got {len(value)} bytes"
            )


def _check_root(what: str, computed: bytes, root: bytes) -> None:
    if computed != root:
        raise InvalidProofError(f"{what}: expected root {root.hex()}, got {computed.hex()}")
