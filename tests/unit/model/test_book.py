import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.errors import InvalidInputError
from eseal.model.book import (
    MAX_DEPTH,
    MIN_DEPTH,
    Book,
    Ticket,
    VolumeTree,
    check_depth,
    new_book_key,
    tag,
    verify_path,
)

KEY = bytes(range(32))
HANDLE = b"h" * 32
DEPTHS = [4, 5, 6, 7, 8]


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def plain_root(leaves: list[bytes]) -> bytes:
    """The tree as the definition has it, and nothing else."""
    if len(leaves) == 1:
        return sha(b"\x00" + leaves[0])
    half = len(leaves) // 2
    return sha(b"\x01" + plain_root(leaves[:half]) + plain_root(leaves[half:]))


def plain_position(key: bytes, volume: int, index: int, depth: int) -> int:
    """The permutation as the definition has it."""
    half = (depth + 1) // 2
    while True:
        left, right = divmod(index, 1 << half)
        for number in range(4):
            message = b"eseal permute\x00" + volume.to_bytes(4, "big")
            message += bytes([number]) + right.to_bytes(4, "big")
            word = hmac.digest(key, message, "sha256")[:4]
            left, right = right, left ^ int.from_bytes(word, "big") % (1 << half)
        index = left << half | right
        if index < 1 << depth:
            return index


def test_the_vector_never_changes():
    """Frozen: another verifier, or the owner's watch, must come to the same."""
    book = Book(KEY, 4)
    ticket = book.ticket(21)
    root = "3ba65d28bd4c7279ced9a5b4c9c47113aa370543dd0f8786b2b0699d127a9998"
    value = "ad7c72d04d036a553fd33e47e0790313b681999dd11b6120552e3e8380b60d8d"
    shown = "02c2552a8e904ebbdeefcc5e754ddd84b82b54adede7fc300a2f7c865ddc485f"
    assert ticket == Ticket(1, 5, bytes.fromhex(value))
    assert VolumeTree(book, 1).root.hex() == root
    assert tag(HANDLE, ticket).hex() == shown


@pytest.mark.parametrize("depth", DEPTHS)
def test_a_ticket_is_the_hmac_of_its_place(depth):
    book = Book(KEY, depth)
    for number in (0, 1, 3 << depth | 5):
        ticket = book.ticket(number)
        place = ticket.volume.to_bytes(4, "big") + ticket.position.to_bytes(4, "big")
        assert ticket.value == hmac.digest(KEY, place, "sha256")
        assert ticket.volume == number >> depth


@pytest.mark.parametrize("depth", DEPTHS)
def test_the_tree_and_the_order_are_those_of_the_definition(depth):
    book = Book(KEY, depth)
    leaves = [book.value(2, position) for position in range(1 << depth)]
    assert VolumeTree(book, 2).root == plain_root(leaves)
    for index in range(1 << depth):
        assert book.position(2, index) == plain_position(KEY, 2, index, depth)


@pytest.mark.parametrize("depth", [*DEPTHS, 11, 14])
def test_every_ticket_of_a_volume_is_torn_once(depth):
    book = Book(new_book_key(), depth)
    for volume in (0, 1):
        positions = {book.position(volume, index) for index in range(1 << depth)}
        assert positions == set(range(1 << depth))


def test_the_order_tells_nothing_of_the_count():
    """Two volumes, and two books, have orders of their own."""
    one, other = Book(new_book_key(), 10), Book(new_book_key(), 10)
    orders = {
        tuple(book.position(volume, index) for index in range(64))
        for book in (one, other)
        for volume in (0, 1)
    }
    assert len(orders) == 4
    assert all(list(order) != sorted(order) for order in orders)


@pytest.mark.parametrize("depth", [4, 5, 9, 12])
def test_every_path_leads_to_the_root(depth):
    book = Book(new_book_key(), depth)
    tree = VolumeTree(book, 3)
    for number in range(3 << depth, 4 << depth, max(1, (1 << depth) // 64)):
        ticket = book.ticket(number)
        path = tree.path(ticket.position)
        assert len(path) == 32 * depth
        assert verify_path(ticket, path, tree.root, depth)


def test_a_tree_keeps_half_of_its_hashes():
    half = (1 << 10) * 32
    assert 0.95 * half < VolumeTree(Book(KEY, 10), 0).kept_bytes < 1.05 * half


def lies(ticket: Ticket, path: bytes, root: bytes):
    yield ticket._replace(value=b"x" * 32), path, root, 4
    yield ticket._replace(value=ticket.value[:31]), path, root, 4
    yield ticket._replace(position=ticket.position ^ 1), path, root, 4
    yield ticket._replace(position=ticket.position + 16), path, root, 4
    yield ticket._replace(position=-1), path, root, 4
    yield ticket, path[:-32], root, 4
    yield ticket, path + bytes(32), root, 4
    yield ticket, path[:-1], root, 4
    yield ticket, path[32:] + path[:32], root, 4
    yield ticket, bytes([path[0] ^ 1]) + path[1:], root, 4
    yield ticket, path, b"x" * 32, 4
    yield ticket, path, b"", 4
    yield ticket, path, root, 3
    yield ticket, path, root, 5
    yield ticket, b"", root, 0
    yield ticket, path, root, -1
    yield ticket, path, root, 10**6


def test_nothing_else_leads_to_the_root():
    book = Book(KEY, 4)
    ticket, tree = book.ticket(7), VolumeTree(book, 0)
    path = tree.path(ticket.position)
    assert verify_path(ticket, path, tree.root, 4)
    assert not any(verify_path(*lie) for lie in lies(ticket, path, tree.root))


def test_an_inner_node_is_no_ticket():
    """What stands one level up cannot be passed off as a ticket of a shallower volume."""
    book = Book(KEY, 5)
    tree, ticket = VolumeTree(book, 0), book.ticket(0)
    path = tree.path(ticket.position)
    leaf, sibling = sha(b"\x00" + ticket.value), path[:32]
    pair = leaf + sibling if ticket.position % 2 == 0 else sibling + leaf
    above = Ticket(0, ticket.position // 2, sha(b"\x01" + pair))
    assert not verify_path(above, path[32:], tree.root, 4)


@given(st.binary(max_size=200), st.integers(0, 2**32 - 1), st.binary(max_size=40))
def test_no_bytes_are_a_path(path, position, value):
    tree = VolumeTree(Book(KEY, 4), 0)
    assert not verify_path(Ticket(0, position, value), path, tree.root, 4)


def test_a_ticket_is_of_one_book_and_one_volume():
    one, other = Book(new_book_key(), 6), Book(new_book_key(), 6)
    ticket = one.ticket(70)
    path = VolumeTree(one, 1).path(ticket.position)
    assert verify_path(ticket, path, VolumeTree(one, 1).root, 6)
    assert not verify_path(ticket, path, VolumeTree(one, 0).root, 6)
    assert not verify_path(ticket, path, VolumeTree(other, 1).root, 6)


def test_tags_of_one_ticket_differ_by_seal_and_place():
    ticket = Book(KEY, 6).ticket(0)
    shown = {
        tag(HANDLE, ticket),
        tag(b"i" * 32, ticket),
        tag(HANDLE, ticket._replace(volume=1)),
        tag(HANDLE, ticket._replace(position=ticket.position ^ 1)),
        tag(HANDLE, ticket._replace(value=b"x" * 32)),
    }
    assert len(shown) == 5
    place = ticket.volume.to_bytes(4, "big") + ticket.position.to_bytes(4, "big")
    assert tag(HANDLE, ticket) == sha(b"eseal tag 2\x00" + HANDLE + place + ticket.value)


def test_what_a_neighbour_shows_gives_no_tag_away():
    """A path holds hashes of tickets, never a ticket: each tag needs its ticket."""
    book = Book(new_book_key(), 6)
    tree = VolumeTree(book, 0)
    tickets = [book.ticket(number) for number in range(64)]
    public = b"".join(tree.path(ticket.position) for ticket in tickets[:32])
    for ticket in tickets[32:]:
        assert ticket.value not in public
        assert tag(HANDLE, ticket) not in public


@pytest.mark.parametrize("depth", [MIN_DEPTH - 1, MAX_DEPTH + 1, 0, -1])
def test_no_book_has_another_depth(depth):
    with pytest.raises(InvalidInputError, match="expected 4 to 24"):
        check_depth(depth)
    with pytest.raises(InvalidInputError, match="expected 4 to 24"):
        Book(KEY, depth)


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(33)])
def test_no_book_has_another_key(key):
    with pytest.raises(InvalidInputError, match="expected 32 bytes"):
        Book(key, 4)


@pytest.mark.parametrize("number", [-1, 2**36, 2**64])
def test_no_book_has_such_a_number(number):
    with pytest.raises(InvalidInputError, match="expected a number"):
        Book(KEY, 4).ticket(number)
    assert Book(KEY, 4).ticket(2**36 - 1).volume == 2**32 - 1


@pytest.mark.parametrize("position", [-1, 16])
def test_no_volume_has_such_a_position(position):
    with pytest.raises(InvalidInputError, match="below 16"):
        VolumeTree(Book(KEY, 4), 0).path(position)
