"""Updates no library would write, and what they refer to."""

from __future__ import annotations

import re

import pytest

from eseal.documents.pdf import read
from eseal.errors import InvalidFormatError
from tests.unit.documents.pdf.attacks import ODD_TABLE, dangling_reference, first, updated


class TestRaw:
    """Updates no library would write."""

    @pytest.fixture
    def append(self, sealed):
        """Appends objects and a table that lists offsets as it is told to."""

        def make(body: bytes, table: bytes, *, root: bytes = b"1 0 R") -> bytes:
            start = int(re.findall(rb"startxref\s+(\d+)", sealed)[-1])
            at = len(sealed) + len(body)
            return (
                sealed
                + body
                + (
                    b"xref\n%b\ntrailer\n<< /Size 90 /Root %b /Prev %d >>\nstartxref\n%d\n%%%%EOF\n"
                    % (table, root, start, at)
                )
            )

        return make

    def test_incremental_saving(self, append, sealed):
        body = b"4 0 obj\n<< /Length 1 >>\nstream\nq\nendstream\nendobj\n"
        pdf = append(body, b"4 1\n%010d 00000 n " % len(sealed))
        assert first(pdf).alterations == ("object 4 was changed",)

    def test_shadow_replace_by_a_table_alone(self, append, sealed):
        """Hide and replace: the update lists an object that stood in the sealed bytes."""
        pdf = append(b"", b"4 1\n%010d 00000 n " % sealed.index(b"6 0 obj"))
        assert first(pdf).alterations or first(pdf).problem

    def test_shadow_hide_by_freeing(self, append):
        """Hide: what covered something is taken away."""
        pdf = append(b"", b"4 1\n0000000000 00001 f ")
        assert "object 4 was removed" in first(pdf).alterations

    def test_an_object_outside_the_table(self, append):
        pdf = append(b"4 0 obj\n<< >>\nendobj\n", b"0 1\n0000000000 65535 f ")
        assert "it contains objects that no table lists" in first(pdf).alterations

    @pytest.mark.parametrize("header", [b"4 0", b"80 1", b"81 0"])
    def test_an_object_under_another_number(self, append, sealed, header):
        """Poppler, told to look for objects by something else, shows the last one of a number."""
        body = header + b" obj\n<< /Length 1 >>\nstream\nq\nendstream\nendobj\n"
        pdf = append(body, b"80 1\n%010d 00000 n " % len(sealed))
        assert first(pdf).alterations == ("it contains objects that no table lists",)

    def test_an_object_inside_another(self, append, sealed):
        body = b"80 0 obj\n<< /A (\n81 0 obj\n4\nendobj\n) >>\nendobj\n"
        places = len(sealed), len(sealed) + body.index(b"81 0 obj")
        pdf = append(body, b"80 2\n%010d 00000 n \n%010d 00000 n " % places)
        assert first(pdf).alterations == ("it contains objects that no table lists",)

    @pytest.mark.parametrize("line", [b"00000000/0 65535 f ", b"f000000000 65535 f "])
    def test_a_table_that_not_everybody_reads(self, append, line):
        """Poppler then searches the file."""
        assert first(append(b"", b"0 1\n" + line)).alterations == (ODD_TABLE,)

    def stream_table(self, sealed, header=b"80 0 obj", row=b"\1\0\0\0\0\0") -> bytes:
        """The file with a table that is a stream and lists itself."""
        start, end = re.findall(rb"startxref\s+(\d+)", sealed)[-1], len(sealed)
        row = row.replace(b"\0\0\0\0", end.to_bytes(4, "big"))
        return sealed + (
            header + b"\n<< /Type /XRef /W [1 4 1] /Index [80 1] /Size 90 /Root 1 0 R /Prev %b"
            b" /Length %d >>\nstream\n%b\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n"
            % (start, len(row), row, end)
        )

    def test_a_table_that_is_a_stream(self, sealed):
        assert first(self.stream_table(sealed)).alterations == ()

    @pytest.mark.parametrize(
        "change", [{"header": b"80 0 oRj"}, {"row": b"\7\0\0\0\0\0"}, {"header": b" 80 0 obj"}]
    )
    def test_a_stream_that_not_everybody_takes_for_a_table(self, sealed, change):
        assert ODD_TABLE in first(self.stream_table(sealed, **change)).alterations

    def test_a_trailer_that_leads_nowhere(self, append):
        """MuPDF then shows nothing at all."""
        pdf = append(b"", b"0 1\n0000000000 65535 f ").replace(b"/Size 90 /Root", b"/Size 90 /Rook")
        assert first(pdf).alterations == ("a table was added that does not lead to the document",)

    @pytest.mark.parametrize("info", [b"70 0 R", b"1 7 R"])
    def test_an_info_that_is_not_there(self, append, info):
        pdf = append(b"", b"0 1\n0000000000 65535 f ", root=b"1 0 R /Info " + info)
        number = info.split()[0].decode()
        assert f"it refers to object {number}, which is not there" in first(pdf).alterations

    def test_bytes_that_are_no_revision(self, sealed):
        for tail in (b"\n", b"% a comment\n", b"1 0 obj\n<< >>\nendobj\n"):
            assert "bytes were added that belong to no revision" in first(sealed + tail).alterations

    def test_a_field_object_used_for_a_page_number_that_existed(self, append, sealed):
        body = b"6 0 obj\n<< /FT /Sig /T (New) >>\nendobj\n"
        form = b"<< /Fields [5 0 R 7 0 R 6 0 R] >>"
        pdf = append(body + form, b"6 1\n%010d 00000 n " % len(sealed))
        assert first(pdf).alterations

    def test_what_cannot_be_compared_is_not_accepted(self, append, sealed):
        body = b"1 0 obj\n<< /Type /Catalog /Pages 2 0 R /AcroForm [[[ >>\nendobj\n"
        pdf = append(body, b"1 1\n%010d 00000 n " % len(sealed))
        with pytest.raises(InvalidFormatError):
            read(pdf)


def test_a_reference_to_nothing_is_no_licence_for_another(pdfs, seal):
    """The sealed document refers to nothing where no program looks."""
    objects = pdfs.objects(root=b"/PieceInfo 4 0 R")
    objects[4] = b"<< /Seen 99 0 R >>"
    sealed = seal(pdfs.hand_made(objects), further_seals=True)
    assert "it refers to object 99, which is not there" in (
        first(updated(sealed, dangling_reference)).alterations
    )


def test_what_refers_to_nothing_may_go_on_to_do_so(pdfs, seal):
    sealed = seal(pdfs.hand_made(pdfs.objects(root=b"/PieceInfo 99 0 R")), further_seals=True)
    assert first(seal(sealed, "B")).alterations == ()
