from hashlib import sha256

import pytest

from eseal.errors import InvalidInputError
from eseal.model.scheme_id import scheme_id


def test_a_register_is_called_by_the_hash_of_its_prefix():
    assert scheme_id("NTRCN") == sha256(b"NTRCN").digest()


@pytest.mark.parametrize("prefix", ["", "ntrcn", "NTRCN-", "NTRCN\n", "uscc", "NTRCNX"])
def test_another_form(prefix):
    with pytest.raises(InvalidInputError, match="five capital letters"):
        scheme_id(prefix)
