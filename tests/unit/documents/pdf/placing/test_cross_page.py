import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.documents.pdf import CrossPage, Edge
from eseal.documents.pdf.placing.cross_page import slices
from eseal.errors import InvalidInputError


def test_the_first_page_has_the_leftmost_slice_at_the_right_edge():
    parts = slices(range(4), 40, CrossPage())
    assert [(part.page, part.edge) for part in parts] == [(n, Edge.RIGHT) for n in range(4)]
    assert [(part.start, part.end) for part in parts] == [(0, 10), (10, 20), (20, 30), (30, 40)]


def test_at_the_left_edge_it_is_the_other_way_round():
    parts = slices(range(4), 40, CrossPage(edge=Edge.LEFT))
    assert [(part.start, part.end) for part in parts] == [(30, 40), (20, 30), (10, 20), (0, 10)]


def test_the_first_slice_may_be_larger():
    parts = slices(range(4), 40, CrossPage(first=2))
    assert [part.end - part.start for part in parts] == [16, 8, 8, 8]


def test_pages_on_both_sides_of_sheets_carry_an_impression_on_each_face():
    parts = slices(range(5), 42, CrossPage(double_sided=True))
    odd = [(part.page, part.start) for part in parts if part.edge is Edge.RIGHT]
    even = [(part.page, part.start) for part in parts if part.edge is Edge.LEFT]
    assert odd == [(0, 0), (2, 14), (4, 28)]
    assert even == [(1, 0), (3, 21)]


def test_the_back_of_a_single_second_sheet_has_no_slice():
    parts = slices(range(3), 42, CrossPage(double_sided=True))
    assert [part.page for part in parts] == [0, 2]


def test_bound_at_the_right_the_faces_change_edges():
    parts = slices(range(4), 40, CrossPage(double_sided=True, edge=Edge.LEFT))
    assert [(part.edge, part.start) for part in parts] == [
        (Edge.LEFT, 20), (Edge.RIGHT, 20), (Edge.LEFT, 0), (Edge.RIGHT, 0)
    ]  # fmt: skip


def test_many_pages_are_grouped_so_that_slices_stay_visible():
    parts = slices(range(50), 42, CrossPage())
    widths = [part.end - part.start for part in parts]
    assert min(widths) >= 2
    assert [part.page for part in parts if part.start == 0] == [0, 16, 33]


def test_no_page_is_left_alone_in_a_group():
    parts = slices(range(5), 40, CrossPage(group=2))
    assert [part.page for part in parts if part.start == 0] == [0, 2]


@pytest.mark.parametrize(
    ("pages", "options", "named"),
    [
        (1, CrossPage(), "at least 2 pages"),
        (2, CrossPage(double_sided=True), "sheets"),
        (9, CrossPage(first=0.5), "first slice"),
        (9, CrossPage(first=21), "first slice"),
        (9, CrossPage(group=1), "groups of at least 2"),
        (9, CrossPage(min_slice=0), "above 0"),
        (9, CrossPage(min_slice=float("nan")), "above 0"),
        (9, CrossPage(min_slice=25), "cannot be cut"),
        (9, CrossPage(share=1.5), "from 0"),
    ],
)
def test_what_cannot_be_cut_is_refused_with_the_reason(pages, options, named):
    with pytest.raises(InvalidInputError, match=named) as caught:
        slices(range(pages), 40, options)
    assert caught.value.field == "cross_page"


@given(
    pages=st.integers(3, 300),
    width=st.floats(18, 60),
    first=st.floats(1, 3),
    group=st.none() | st.integers(2, 40),
    edge=st.sampled_from(Edge),
    double_sided=st.booleans(),
)
def test_slices_of_a_group_adjoin_and_make_up_the_impression(
    pages, width, first, group, edge, double_sided
):
    options = CrossPage(edge=edge, first=first, group=group, double_sided=double_sided)
    parts = slices(range(pages), width, options)
    for face in Edge:
        on_face = [part for part in parts if part.edge is face]
        backwards = face is Edge.LEFT if not double_sided else edge is Edge.LEFT
        if backwards:
            on_face.reverse()
        place = 0.0
        for part in on_face:
            assert part.start == pytest.approx(place, abs=1e-9)
            assert part.end > part.start
            place = part.end if part.end < width - 1e-9 else 0.0
        assert place == 0.0
    assert {part.page for part in parts} >= set(range(0, pages, 1 + double_sided))
