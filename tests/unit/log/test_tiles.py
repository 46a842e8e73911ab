import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.errors import InvalidFormatError, InvalidInputError
from eseal.log.tiles import (
    TileCoordinate,
    decode_entries,
    encode_entries,
    entries_path,
    parse_entries_path,
    parse_tile_path,
    tile_path,
    width_at,
)

COORDINATES = st.builds(
    TileCoordinate, st.integers(0, 63), st.integers(0, 2**63 - 1), st.integers(1, 256)
)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (TileCoordinate(0, 0), "tile/0/000"),
        (TileCoordinate(0, 1234067), "tile/0/x001/x234/067"),
        (TileCoordinate(0, 1234067, 8), "tile/0/x001/x234/067.p/8"),
        (TileCoordinate(63, 999, 255), "tile/63/999.p/255"),
        (TileCoordinate(1, 1000), "tile/1/x001/000"),
        (TileCoordinate(0, 2**63 - 1), "tile/0/x009/x223/x372/x036/x854/x775/807"),
    ],
)
def test_paths_are_those_of_tlog_tiles(tile, path):
    assert tile_path(tile) == path
    assert parse_tile_path(path) == tile


def test_entry_bundles_have_their_own_place():
    assert entries_path(TileCoordinate(0, 1234067, 8)) == "tile/entries/x001/x234/067.p/8"
    assert parse_entries_path("tile/entries/x001/x234/067") == TileCoordinate(0, 1234067)
    with pytest.raises(InvalidInputError, match="level"):
        entries_path(TileCoordinate(1, 0))


@given(COORDINATES)
def test_every_tile_has_one_path(tile):
    assert parse_tile_path(tile_path(tile)) == tile


PATH_PIECES = st.sampled_from(
    ["tile/", "entries/", "0", "1", "63", "/", "x", "x000/", "x001/", "067", ".p/", "256", "+", " "]
)


@given(st.lists(PATH_PIECES, max_size=8).map("".join) | st.text(max_size=30))
def test_any_text_is_refused_or_is_the_path_of_its_tile(text):
    for parse, write in ((parse_tile_path, tile_path), (parse_entries_path, entries_path)):
        try:
            tile = parse(text)
        except InvalidFormatError:
            continue
        assert write(tile) == text


@pytest.mark.parametrize(
    "path",
    [
        "",
        "0/000",
        "tile/0",
        "tile//000",
        "tile/0/",
        "tile/00/000",
        "tile/01/000",
        "tile/64/000",
        "tile/+1/000",
        "tile/-1/000",
        "tile/٣/000",
        "tile/0/0",
        "tile/0/0000",
        "tile/0/\u0660\u0660\u0660",
        "tile/0/x000/067",
        "tile/0/001/067",
        "tile/0/x001",
        "tile/0/x001/x067",
        "tile/0/x001/067/",
        "tile/0/x009/x223/x372/x036/x854/x775/808",
        "tile/0/x001/x009/x223/x372/x036/x854/x775/807",
        "tile/0/000.p",
        "tile/0/000.p/",
        "tile/0/000.p/0",
        "tile/0/000.p/08",
        "tile/0/000.p/256",
        "tile/0/000.p/1000",
        "tile/0/000.p/8/",
        "tile/0/000.p/8.p/8",
        "tile/0/000\n",
        "tile/entries/000",
    ],
)
def test_other_forms_of_tile_paths_are_refused(path):
    with pytest.raises(InvalidFormatError, match="tile path: expected"):
        parse_tile_path(path)


@pytest.mark.parametrize("path", ["entries/000", "tile/0/000", "tile/entries/", "tile/entries/0"])
def test_other_forms_of_entry_paths_are_refused(path):
    with pytest.raises(InvalidFormatError, match="tile path: expected"):
        parse_entries_path(path)


@pytest.mark.parametrize(
    ("level", "index", "width"),
    [(-1, 0, 1), (64, 0, 1), (0, -1, 1), (0, 2**63, 1), (0, 0, 0), (0, 0, 257)],
)
def test_impossible_tiles_cannot_be_made(level, index, width):
    with pytest.raises(InvalidInputError, match="expected"):
        TileCoordinate(level, index, width)


def test_a_log_of_70000_has_the_tiles_of_the_standards_example():
    assert [width_at(70_000, 0, n) for n in (0, 272, 273, 274)] == [256, 256, 112, 0]
    assert [width_at(70_000, 1, n) for n in (0, 1, 2)] == [256, 17, 0]
    assert [width_at(70_000, 2, n) for n in (0, 1)] == [1, 0]
    assert width_at(70_000, 3, 0) == 0
    assert (width_at(256, 0, 0), width_at(256, 1, 0)) == (256, 1)


def test_a_bundle_is_length_prefixed():
    assert encode_entries([b"ab", b"", b"c" * 258]) == b"\0\x02ab\0\0\x01\x02" + b"c" * 258


@given(st.lists(st.binary(max_size=50), min_size=1, max_size=256))
def test_bundles_come_back_as_they_were(entries):
    assert decode_entries(encode_entries(entries)) == entries


@given(st.binary(max_size=80))
def test_any_bytes_are_refused_or_are_the_bundle_of_their_entries(data):
    try:
        entries = decode_entries(data)
    except InvalidFormatError:
        return
    assert encode_entries(entries) == data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "1 to 256 entries, got 0"),
        (b"\0", "entry 0 .* cut short"),
        (b"\0\x01", "cut short"),
        (b"\0\x01a\0\x02b", "entry 1 .* cut short"),
        (b"\0\0" * 257, "got 257"),
    ],
)
def test_bad_bundles_are_named(data, message):
    with pytest.raises(InvalidFormatError, match=message):
        decode_entries(data)


@pytest.mark.parametrize("entries", [[], [b""] * 257, [bytes(65536)]])
def test_impossible_bundles_cannot_be_made(entries):
    with pytest.raises(InvalidInputError, match="expected"):
        encode_entries(entries)
