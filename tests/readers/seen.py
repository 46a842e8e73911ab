"""What a reader shows of a file, and how two such sights are compared."""

from __future__ import annotations

import zlib
from collections import Counter
from dataclasses import dataclass, field

from PIL import Image, ImageChops

CELL = 4
"""Readers smooth edges each in its own way: across readers, squares of pixels are compared."""

LOUD = 90
"""How far the mean of a square must be off, of 255, before it counts across readers: a thin stroke
that falls on the other side of a pixel stays below."""

FEW_CELLS = 3
"""So many loud squares may be chance: where shapes are a pixel wider, corners are loud."""


@dataclass(frozen=True)
class Page:
    """One page as drawn.

    Attributes:
        size: in pixels.
        packed: the pixels, RGB on white, compressed: paper is mostly white, and many are kept.
        text: its text, in the reader's own order.
    """

    size: tuple[int, int]
    packed: bytes
    text: str

    @classmethod
    def of(cls, image: Image.Image, text: str) -> Page:
        """A page from its picture."""
        return cls(image.size, zlib.compress(image.convert("RGB").tobytes(), 1), text)

    @property
    def image(self) -> Image.Image:
        """Its picture."""
        return Image.frombytes("RGB", self.size, zlib.decompress(self.packed))

    def coarse(self) -> Image.Image:
        """Its picture without what is smaller than a square."""
        width, height = (max(1, side // CELL) for side in self.size)
        return self.image.resize((width, height), Image.Resampling.BOX)


@dataclass(frozen=True)
class Seen:
    """What a reader shows of a file.

    Attributes:
        reader: its name.
        error: why it shows nothing; empty where it opened the file.
        count: how many pages it says there are; ``pages`` are the first of them.
        attachments: file name and SHA-256 of each.
        fields: name and value or state of each form field but those for signatures (which come
            and go with seals and time-stamps; what they look like is in the pixels), as far as the
            reader tells.
        marks: kind and place of each other annotation, as far as the reader tells.
    """

    reader: str
    error: str = ""
    count: int = 0
    pages: tuple[Page, ...] = ()
    attachments: tuple[tuple[str, str], ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    marks: tuple[str, ...] = field(default=())


def same_reader(before: Seen, after: Seen, *, level: int = 0, looks: bool = False) -> list[str]:
    """What one reader shows otherwise in the second file, in words; empty if nothing.

    Args:
        before: the file as it was.
        after: the file as it is.
        level: how far a sample may be off, of 255.
        looks: compare nothing but pixels: what fields and text say may have been rewritten.
    """
    if before.error or after.error:
        return [] if bool(before.error) == bool(after.error) else [f"opens: {after.error or 'now'}"]
    found = []
    if before.count != after.count:
        found.append(f"{before.count} pages became {after.count}")
    for number, (old, new) in enumerate(zip(before.pages, after.pages, strict=False), 1):
        if words := _pixels(old, new, level):
            found.append(f"page {number}: {words}")
        if old.text != new.text and not looks:
            found.append(f"page {number}: text {old.text[:40]!r} became {new.text[:40]!r}")
    if looks:
        return found
    found += _entries("attachment", before.attachments, after.attachments)
    found += _entries("field", before.fields, after.fields)
    return found + _entries("annotation", before.marks, after.marks)


def _pixels(old: Page, new: Page, level: int) -> str:
    if old.size != new.size:
        return f"size {old.size} became {new.size}"
    if old.packed == new.packed:
        return ""
    difference = ImageChops.difference(old.image, new.image)
    if max(high for _, high in difference.getextrema()) <= level:
        return ""
    count = sum(difference.convert("L").histogram()[1:])
    return f"{count} pixels differ within {difference.getbbox()}"


def _entries(kind: str, old: tuple, new: tuple) -> list[str]:
    before, after = Counter(old), Counter(new)
    lost = [f"{kind} gone: {entry}" for entry in (before - after)]
    return lost + [f"{kind} new: {entry}" for entry in (after - before)]


def across_readers(one: Seen, other: Seen) -> list[str]:
    """What two readers show grossly otherwise in the same file, in words; empty if nothing."""
    pair = f"{one.reader} and {other.reader}"
    if bool(one.error) != bool(other.error):
        return [f"{pair}: only one opens it"]
    if one.error:
        return []
    if one.count != other.count:
        return [f"{pair}: {one.count} pages, {other.count} pages"]
    found = []
    for number, (left, right) in enumerate(zip(one.pages, other.pages, strict=True), 1):
        if words := _gross(left, right):
            found.append(f"{pair}: page {number}: {words}")
    files = {digest for _, digest in one.attachments} ^ {digest for _, digest in other.attachments}
    if files:
        found.append(f"{pair}: {len(files)} attachments that only one offers")
    return found


def _gross(left: Page, right: Page) -> str:
    apart = [abs(a - b) for a, b in zip(left.size, right.size, strict=True)]
    if max(apart) > 1:
        return f"size {left.size}, {right.size}"
    one, other = left.coarse(), right.coarse()
    size = [min(a, b) for a, b in zip(one.size, other.size, strict=True)]
    one, other = (image.crop((0, 0, *size)) for image in (one, other))
    difference = ImageChops.difference(one, other)
    cells = [max(pixel) for pixel in difference.get_flattened_data()]
    loud = sum(cell > LOUD for cell in cells)
    return f"{loud} of {len(cells)} squares differ" if loud > FEW_CELLS else ""
