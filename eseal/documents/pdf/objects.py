"""A few typed words for pyHanko's PDF objects."""

from __future__ import annotations

from collections.abc import Mapping

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name


def resolve(item: generic.PdfObject) -> generic.PdfObject:
    """The object a reference leads to, or the object itself."""
    if isinstance(item, generic.IndirectObject):
        target: generic.PdfObject = item.get_object()  # type: ignore[no-untyped-call]
        return target
    return item


def entry(dictionary: generic.DictionaryObject, key: str) -> generic.PdfObject | None:
    """The resolved value of a key, ``None`` where it is absent or null.

    ``dict.get`` would hand out references as they are.
    """
    try:
        value: generic.PdfObject = dictionary[key]
    except KeyError:
        return None
    return value


def items(dictionary: generic.DictionaryObject, key: str) -> list[generic.PdfObject]:
    """The items of an array as they stand, references unresolved; none if it is no array."""
    array = entry(dictionary, key)
    if not isinstance(array, generic.ArrayObject):
        return []
    return [array.raw_get(index) for index in range(len(array))]


def build(entries: Mapping[str, generic.PdfObject | str]) -> generic.DictionaryObject:
    """A dictionary; keys and text values are written as names."""
    return generic.DictionaryObject(  # type: ignore[no-untyped-call]
        {
            pdf_name(key): value if isinstance(value, generic.PdfObject) else pdf_name(value)
            for key, value in entries.items()
        }
    )


def whole(value: int) -> generic.NumberObject:
    """A whole number."""
    return generic.NumberObject(value)  # type: ignore[no-untyped-call]


def numbers(values: tuple[int, ...]) -> generic.ArrayObject:
    """An array of whole numbers."""
    return generic.ArrayObject(whole(value) for value in values)
