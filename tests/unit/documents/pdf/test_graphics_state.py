import pytest

from eseal.documents.pdf.graphics_state import BALANCED, Imbalance, imbalance


@pytest.mark.parametrize(
    ("contents", "left"),
    [
        ([], BALANCED),
        ([b"q 1 0 0 1 0 0 cm", b"Q"], BALANCED),
        ([b"q q Q"], Imbalance(0, 1)),
        ([b"Q q"], BALANCED),  # not so; but what follows is in the same state
        ([b"Q Q q"], Imbalance(2, 1)),
        ([b"q (a q Q Q) Tj"], Imbalance(0, 1)),
        ([rb"q (a \) Q (x) Q Q ) Tj"], Imbalance(0, 1)),
        ([b"q % Q Q\nQ Q"], Imbalance(1, 0)),
        ([b"q BI /W 1 ID \x01 Q Q Q \x02 EI q"], Imbalance(0, 2)),
        ([b"q/Fm1 Do Q q/Fm2 Do Q"], BALANCED),
        ([b"q[1]0 d Q/Fm1 Do q"], Imbalance(0, 1)),
        ([b"q /q Do /Q Do Q"], BALANCED),
        ([b"q /Qq Do"], Imbalance(0, 1)),
    ],
)
def test_what_is_left_open(contents, left):
    assert imbalance(contents) == left
