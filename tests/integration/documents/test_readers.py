"""Four readers: what each tells of a file, that each sees a forgery, that none can stop us."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from tests import readers
from tests.fuzz.documents import contract, samples
from tests.fuzz.mutators import containers
from tests.fuzz.pdf_parts import STYLES, increment
from tests.odd.pdf import form, one_page, stream
from tests.readers import children
from tests.readers.archives import unpacked

CONTENTS, PRICE_LOOK = 4, 11
FORGED = b"1 0 0 rg 10 20 150 120 re f"


@pytest.fixture(scope="module", autouse=True)
def _readers():
    yield
    readers.close()


@pytest.mark.parametrize("reader", readers.READERS)
class TestEachReader:
    def test_tells_what_a_document_holds(self, reader):
        seen = readers.shown(reader, contract())
        assert (seen.error, seen.count) == ("", 2)
        assert [page.text.strip()[:4] for page in seen.pages] == ["1000", "2000"]
        digest = hashlib.sha256(b"Terms of delivery").hexdigest()
        assert seen.attachments == (("terms.txt", digest),)

    def test_that_is_not_there_finds_nothing_alike(self, reader, monkeypatch):
        def broken(*_):
            raise children.ReaderError("the process ended")

        monkeypatch.setattr(readers, "_there", set())
        monkeypatch.setattr(readers._MODULES[reader], "read", broken)
        with pytest.raises(RuntimeError, match=f"{reader} cannot be asked"):
            readers.differences(reader, contract(), contract())

    @pytest.mark.parametrize("style", STYLES)
    def test_sees_a_revision_of_every_style(self, reader, style):
        forged = increment(contract(), {CONTENTS: stream(FORGED)}, style=style)
        found = readers.differences(reader, contract(), forged)
        assert any("page 1" in words and "pixels" in words for words in found)
        assert not any("page 2" in words for words in found)

    def test_sees_what_a_field_looks_like(self, reader):
        forged = increment(contract(), {PRICE_LOOK: form(FORGED)})
        assert readers.differences(reader, contract(), forged)

    def test_shows_the_same_file_the_same(self, reader):
        again = increment(contract(), {30: b"null"})
        assert readers.differences(reader, contract(), again) == []

    def test_says_so_if_it_cannot_open_a_file(self, reader):
        assert readers.shown(reader, b"no PDF at all").error
        assert readers.differences(reader, contract(), b"no PDF") != []
        assert readers.differences(reader, b"no PDF", b"none either") == []


@pytest.mark.parametrize("reader", [r for r in readers.READERS if r != "Poppler"])
def test_values_and_states_of_fields_are_told(reader):
    before = str(readers.shown(reader, contract()).fields)
    assert "30" in before
    assert "Yes" in before
    field = (
        b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (price) /V (99) /F 4 /Rect [200 100 300 130] "
        b"/AP << /N 11 0 R >> /P 3 0 R >>"
    )
    found = readers.differences(reader, contract(), increment(contract(), {9: field}))
    assert any("99" in words for words in found)


@pytest.mark.parametrize("name", ["contract", "libreoffice", "fpdf2"])
def test_ordinary_documents_look_alike_in_all_readers(name):
    documents = {"contract": contract()} | dict(samples())
    assert readers.disagreements(documents[name]) == []


def test_readers_that_disagree_are_named():
    nested = one_page(contents=b"[4 0 R [5 0 R]]", objects={5: stream(FORGED)})
    assert any("squares differ" in words for words in readers.disagreements(nested))


class TestChildren:
    def test_who_takes_too_long_is_stopped(self, monkeypatch):
        monkeypatch.setattr(children, "SECONDS", 0.2)
        with pytest.raises(children.ReaderError, match="took more"):
            children.run(["sleep", "20"])
        sleeper = children.Child(["sleep", "20"])
        with pytest.raises(children.ReaderError, match="no answer"):
            sleeper.ask({})

    def test_who_dies_is_started_again(self):
        once = 'read question; echo "$question"; read another; exit 1'
        child = children.Child(["sh", "-c", once])
        assert child.ask({"count": 1}) == {"count": 1}
        with pytest.raises(children.ReaderError):
            child.ask({"count": 2})
        assert child.ask({"count": 3}) == {"count": 3}
        child.close()

    def test_memory_is_bounded(self):
        eater = ["python3", "-c", f"bytearray({children.MEMORY})"]
        with pytest.raises(children.ReaderError, match="MemoryError"):
            children.run(eater)


class TestArchives:
    FILES = (containers.Entry(b"a.txt", b"first"), containers.Entry(b"b.txt", b"second"))

    def test_all_programs_take_out_the_same(self):
        found = unpacked(containers.write(list(self.FILES)))
        digest = hashlib.sha256(b"first").hexdigest()
        assert set(found) == {"unzip", "bsdtar", "zipfile"}
        assert all(files["a.txt"] == digest and len(files) == 2 for files in found.values())

    def test_another_name_and_a_link_are_seen(self):
        first, second = self.FILES
        renamed = replace(first, extra=containers.unicode_path(first.name, b"c.txt"))
        assert "c.txt" in unpacked(containers.write([renamed, second]))["unzip"]
        link = replace(first, attributes=containers.SYMLINK, creator=3 << 8 | 20)
        assert unpacked(containers.write([link, second]))["unzip"]["a.txt"] == "link to first"

    def test_what_is_no_archive_is_said(self):
        assert all(str(words).startswith("cannot") for words in unpacked(b"no archive").values())
