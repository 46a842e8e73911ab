import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.errors import InvalidProofError
from eseal.log.rfc9162 import (
    EMPTY_ROOT,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)

ROOT = bytes(32)


def unhex(values):
    return [bytes.fromhex(value) for value in values]


def tamperings(proof):
    """Every proof that differs from ``proof`` by one flipped, dropped, added or swapped hash."""
    for place in range(len(proof)):
        flipped = bytes([proof[place][0] ^ 1]) + proof[place][1:]
        yield [*proof[:place], flipped, *proof[place + 1 :]]
        yield [*proof[:place], *proof[place + 1 :]]
        if place:
            swapped = list(proof)
            swapped[place - 1 : place + 1] = [proof[place], proof[place - 1]]
            yield swapped
    for place in range(len(proof) + 1):
        yield [*proof[:place], bytes(32), *proof[place:]]
    yield [*proof, *proof[-1:], bytes(32)]


def test_the_reference_reproduces_the_published_vectors(reference, rfc6962):
    leaves = unhex(rfc6962["leaves"])
    assert reference.root([]) == bytes.fromhex(rfc6962["empty_root"]) == EMPTY_ROOT
    for size, root in enumerate(rfc6962["roots"], 1):
        assert reference.root(leaves[:size]).hex() == root
    for case in rfc6962["inclusion"]:
        assert reference.path(case["index"], leaves[: case["size"]]) == unhex(case["proof"])
    for case in rfc6962["consistency"]:
        proof = reference.proof(case["old_size"], leaves[: case["new_size"]])
        assert proof == unhex(case["proof"])


def test_published_inclusion_proofs_verify(rfc6962):
    leaves, roots = unhex(rfc6962["leaves"]), unhex(rfc6962["roots"])
    for case in rfc6962["inclusion"]:
        index, size = case["index"], case["size"]
        verify_inclusion(
            leaf_hash(leaves[index]), index, size, unhex(case["proof"]), roots[size - 1]
        )


def test_published_consistency_proofs_verify(rfc6962):
    roots = unhex(rfc6962["roots"])
    for case in rfc6962["consistency"]:
        old, new = case["old_size"], case["new_size"]
        verify_consistency(old, new, roots[old - 1], roots[new - 1], unhex(case["proof"]))


def test_a_node_is_the_hash_of_its_children_behind_a_prefix(rfc6962):
    left, right = (leaf_hash(bytes.fromhex(leaf)) for leaf in rfc6962["leaves"][:2])
    assert node_hash(left, right).hex() == rfc6962["roots"][1]


@given(st.integers(1, 70), st.data())
def test_inclusion_accepts_the_proof_and_no_variation_of_it(reference, leaves, size, data):
    d = leaves(size)
    index = data.draw(st.integers(0, size - 1))
    proof, root, leaf = reference.path(index, d), reference.root(d), leaf_hash(d[index])
    verify_inclusion(leaf, index, size, proof, root)
    for bad in tamperings(proof):
        with pytest.raises(InvalidProofError):
            verify_inclusion(leaf, index, size, bad, root)
    for other in {0, index - 1, index + 1, size - 1, size} - {index}:
        with pytest.raises(InvalidProofError):
            verify_inclusion(leaf, other, size, proof, root)
    with pytest.raises(InvalidProofError, match="expected root"):
        verify_inclusion(leaf, index, size, proof, leaf_hash(b"another tree"))
    with pytest.raises(InvalidProofError, match="expected root"):
        verify_inclusion(leaf_hash(b"another leaf"), index, size, proof, root)


@given(st.integers(1, 70), st.data())
def test_consistency_accepts_the_proof_and_no_variation_of_it(reference, leaves, new, data):
    d = leaves(new)
    old = data.draw(st.integers(1, new))
    proof, root, old_root = reference.proof(old, d), reference.root(d), reference.root(d[:old])
    verify_consistency(old, new, old_root, root, proof)
    for bad in tamperings(proof):
        with pytest.raises(InvalidProofError):
            verify_consistency(old, new, old_root, root, bad)
    stranger = leaf_hash(b"another tree")
    with pytest.raises(InvalidProofError):
        verify_consistency(old, new, stranger, root, proof)
    with pytest.raises(InvalidProofError):
        verify_consistency(old, new, old_root, stranger, proof)


def test_every_tree_extends_the_empty_one_with_an_empty_proof(reference, leaves):
    root = reference.root(leaves(3))
    verify_consistency(0, 3, EMPTY_ROOT, root, [])
    verify_consistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, [])
    with pytest.raises(InvalidProofError, match="no hashes"):
        verify_consistency(0, 3, EMPTY_ROOT, root, [root])
    with pytest.raises(InvalidProofError, match="empty tree"):
        verify_consistency(0, 3, root, root, [])
    with pytest.raises(InvalidProofError, match="itself"):
        verify_consistency(0, 0, EMPTY_ROOT, root, [])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (4, 3), (-1, 3), (0, 2**63)])
def test_inclusion_refuses_a_place_outside_the_tree(index, size):
    with pytest.raises(InvalidProofError, match="index"):
        verify_inclusion(ROOT, index, size, [], ROOT)


@pytest.mark.parametrize(("old", "new"), [(4, 3), (-1, 3), (1, 2**63)])
def test_consistency_refuses_sizes_out_of_order(old, new):
    with pytest.raises(InvalidProofError, match="size"):
        verify_consistency(old, new, ROOT, ROOT, [])


@pytest.mark.parametrize("length", [0, 31, 33])
def test_hashes_of_another_length_are_refused(length):
    with pytest.raises(InvalidProofError, match="32 bytes"):
        verify_inclusion(ROOT, 0, 2, [bytes(length)], ROOT)
    with pytest.raises(InvalidProofError, match="32 bytes"):
        verify_consistency(1, 2, ROOT, bytes(length), [ROOT])


def test_a_head_of_the_largest_size_can_be_checked():
    size = 2**63 - 1
    leaf, proof = leaf_hash(b"last"), [leaf_hash(b"%d" % n) for n in range(62)]
    root = leaf
    for sibling in proof:
        root = node_hash(sibling, root)
    verify_inclusion(leaf, size - 1, size, proof, root)


def test_a_consistency_proof_without_hashes_proves_nothing(reference, leaves):
    data = leaves(4)
    old, new = reference.root(data[:3]), reference.root(data)
    with pytest.raises(InvalidProofError, match="expected more hashes"):
        verify_consistency(3, 4, old, new, [])
