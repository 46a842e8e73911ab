import pytest

from eseal.model.use import Use


def test_a_recorded_use_cannot_be_changed():
    use = Use("a" * 26, "e" * 26, 0, b"{}", b"signature", b"approval")
    assert use == use._replace()
    with pytest.raises(AttributeError):
        use.log_index = 2
