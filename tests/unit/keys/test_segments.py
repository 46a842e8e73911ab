from io import BytesIO

import pytest

from eseal.errors import CorruptionError
from eseal.keys import segments
from eseal.keys.segments import SEGMENT_BYTES, decrypt, encrypt, new_key

KEY, CONTEXT = bytes(32), b"sealed:use"


def boxed(data: bytes, key: bytes = KEY, context: bytes = CONTEXT) -> bytes:
    return b"".join(encrypt([data], key, context))


def opened(box: bytes, key: bytes = KEY, context: bytes = CONTEXT) -> bytes:
    return b"".join(decrypt(BytesIO(box), key, context))


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 160, 161])
def test_what_goes_in_comes_out_whatever_the_pieces(size, monkeypatch):
    monkeypatch.setattr(segments, "SEGMENT_BYTES", 16)
    data = bytes(n % 251 for n in range(size))
    whole = boxed(data)
    assert opened(whole) == data
    pieces = [memoryview(data)[start : start + 7] for start in range(0, size, 7)]
    assert b"".join(encrypt(pieces, KEY, CONTEXT)) == whole


def test_memory_is_a_segment_whatever_the_size():
    longest = max(len(piece) for piece in encrypt([bytes(3 * SEGMENT_BYTES)], KEY, CONTEXT))
    assert longest == SEGMENT_BYTES + 16


def test_every_change_is_noticed(monkeypatch):
    monkeypatch.setattr(segments, "SEGMENT_BYTES", 16)
    box = boxed(bytes(range(48)))
    first, second = box[1:33], box[33:65]
    for broken in (
        b"",
        b"\x02" + box[1:],
        box[:-1],
        box[:65],  # the last segment cut off
        box[:1] + second + first + box[65:],
        box[:1] + second + box[65:],
        box + first,
        *(box[:at] + bytes([box[at] ^ 1]) + box[at + 1 :] for at in range(1, len(box))),
    ):
        with pytest.raises(CorruptionError):
            opened(broken)
    with pytest.raises(CorruptionError):
        opened(box, key=new_key())
    with pytest.raises(CorruptionError):
        opened(box, context=b"original:use")
