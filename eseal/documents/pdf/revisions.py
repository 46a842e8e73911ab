"""What was added to a PDF after a seal: further seals, validation data, time-stamps, or else.

The file as a whole is compared with the sealed revision, object by object, by content. Whatever
differs must belong to one of the few things that may follow a seal; the rest is an alteration,
however harmless it looks. Nothing is taken from pyHanko's difference policy, which accepts some of
the published attacks (decision 025).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from eseal.documents.pdf.annotations import full_name, rectangle
from eseal.documents.pdf.appended import irregularities
from eseal.documents.pdf.fields import TIME_STAMP
from eseal.documents.pdf.page_tree import page_tree
from eseal.documents.pdf.reach import (
    anything_goes,
    holds_validation_data,
    info_of,
    no_streams,
    reached,
    references,
)
from eseal.documents.pdf.structure import Structure, kind
from eseal.documents.pdf.syntax import Ref, Stream

_OBJECT_STORES: Final = frozenset({"ObjStm", "XRef"})
_TREE: Final = frozenset({"Catalog", "Pages", "Page"})
_SEALS: Final = frozenset({"", "Sig", "DocTimeStamp"})
_INFO_MAY_CHANGE: Final = frozenset({"ModDate", "Producer"})
_FIELD_MAY_GAIN: Final = frozenset(
    {"V", "AP", "Lock", "F", "M", "DA", "MK", "Type", "Subtype", "AS", "P", "SV"}
)
"""What may change in an empty signature field when it is signed."""


class Comparison:
    """A sealed revision and the whole file.

    Args:
        old: the sealed revision.
        new: the whole file.
        end: length of the sealed revision, bytes.
        max_pages: the limit on pages.

    Attributes:
        alterations: what was changed and may not be, in words; empty if nothing.
        additions: what was added and may be, in words.
    """

    def __init__(self, old: Structure, new: Structure, end: int, max_pages: int) -> None:
        self._old, self._new, self._end = old, new, end
        self.alterations: list[str] = []
        self.additions: list[str] = []
        self._allowed: set[int] = set()
        self._changed = self._changes()
        self._pages = {ref.number: i for i, ref in enumerate(page_tree(old, max_pages).pages)}
        self._fields: dict[int, str] = {}
        """Fields and widgets of the seals that were added, not yet met on a page; their subtype."""
        self._compare()

    def _changes(self) -> set[int]:
        """Numbers of objects that are new, gone or elsewhere; new ones must lie in the addition."""
        old, new = self._old.places, self._new.places
        changed = {number for number, place in new.items() if old.get(number) != place}
        for number in self._old.generations.keys() | self._new.generations.keys():
            if number in new and self._old.ref(number) != self._new.ref(number):
                changed.add(number)
        for number in old.keys() - new.keys():
            self._alter(f"object {number} was removed")
        for number in changed:
            place = new[number]
            at = place if isinstance(place, int) else self._new.offsets.get(place.obj_stream_id, 0)
            if at < self._end:
                self._alter(f"object {number} was moved to an older part of the file")
        return changed

    def _compare(self) -> None:
        if self._old.root != self._new.root:
            self._alter("the document's root was exchanged")
            return
        for what in irregularities(self._old, self._new, self._end, self._changed):
            self._alter(what)
        for number in self._changed:
            if self._kind(number) in _OBJECT_STORES and number not in self._old.places:
                self._allowed.add(number)
        self._awaited()
        self._info()
        self._catalog()
        self._annotations()
        left = self._changed - self._allowed
        if left - self._old.places.keys():
            # What a revision in between brought and the last one left behind is not shown, unless
            # a program looks for pages where none are listed.
            shown = reached(self._new, [self._new.root, info_of(self._new)])
            shown.update(number for number in left if self._kind(number) in _TREE)
            left &= shown | self._old.places.keys()
        for number in sorted(left):
            self._name(number)

    def _kind(self, number: int) -> str:
        return kind(self._new.dictionary(self._new.ref(number)))

    def _awaited(self) -> None:
        """A reference to nothing in the sealed revision must stay one."""
        added = self._changed - self._old.places.keys()
        awaited = {ref.number for ref in references(self._old.text)}
        for number in sorted(added & awaited):
            self._alter(f"object {number} was added, which the sealed document waited for")

    def _alter(self, what: str) -> None:
        if what not in self.alterations:
            self.alterations.append(what)

    def _name(self, number: int) -> None:
        """Say what an object is that may not have changed."""
        page = self._pages.get(number)
        there = self._old.dictionary(self._old.ref(number))
        here = self._new.dictionary(self._new.ref(number))
        if page is not None:
            self._alter(f"page {page + 1} was changed")
        elif kind(here) == "Page":
            self._alter("a page was added")
        elif kind(here) == "Annot" or kind(here, "Subtype") == "FreeText":
            self._alter(f"an annotation was {'changed' if there else 'added'}")
        elif there:
            what = kind(there) or kind(there, "Subtype") or "object"
            self._alter(f"{what} {number} was changed")
        else:
            self._alter(f"object {number} was added")

    # What may change, place by place.

    def _entries(
        self,
        what: str,
        old: Mapping[str, Any],
        new: Mapping[str, Any],
        rules: Mapping[str, Callable[[Any, Any], object]],
    ) -> None:
        """Compare two dictionaries; ``rules`` take over for their keys."""
        for key in old.keys() | new.keys():
            before, after = old.get(key), new.get(key)
            if key in rules:
                rules[key](before, after)
            elif before != after:  # as written; what they refer to is compared by itself
                self._alter(f"{what} was changed at /{key}")

    def _take(self, value: Any) -> None:
        """Allow an object that a rule has compared."""
        if isinstance(value, Ref):
            self._allowed.add(value.number)

    def _info(self) -> None:
        """Document information (table 317): only when it was changed, and by what."""
        old, new = (info_of(structure) for structure in (self._old, self._new))
        self._entries(
            "the document information",
            self._old.dictionary(old),
            self._new.dictionary(new),
            dict.fromkeys(_INFO_MAY_CHANGE, _anything),
        )
        if isinstance(new, Ref) and (old == new or new.number not in self._old.places):
            self._take(new)

    def _catalog(self) -> None:
        self._entries(
            "the catalog",
            self._old.catalog,
            self._new.catalog,
            {
                "AcroForm": self._form,
                "DSS": self._validation_data,
                "Extensions": self._plain,
                "Perms": self._permissions,
                "Metadata": self._metadata,
            },
        )
        self._take(self._new.root)

    def _plain(self, _: Any, new: Any) -> None:
        """Developer extensions (section 7.12): nothing that draws."""
        if not self._subtree(new, no_streams):
            self._alter("the catalog was changed at /Extensions")

    def _metadata(self, old: Any, new: Any) -> None:
        """XMP, which says nothing a page shows."""
        value = self._new.resolve(new)
        if new is not None and not (
            isinstance(value, Stream) and kind(value.entries) == "Metadata"
        ):
            self._alter("the catalog was changed at /Metadata")
        elif isinstance(new, Ref) and (new == old or new.number not in self._old.places):
            self._take(new)

    def _permissions(self, old: Any, new: Any) -> None:
        """A certification stays what it is, and none is added later."""
        before, after = self._old.dictionary(old), self._new.dictionary(new)
        if before != after:
            self._alter("the certification was changed")
        self._take(new)

    def _form(self, old: Any, new: Any) -> None:
        before, after = self._old.dictionary(old), self._new.dictionary(new)
        self._entries(
            "the form",
            before,
            after,
            {
                "Fields": self._field_list,
                "SigFlags": _anything,
                # A form that is new with its first seal brings its defaults along.
                **(
                    dict.fromkeys(
                        ("DR", "DA"), lambda _, value: self._subtree(value, anything_goes)
                    )
                    if not before
                    else {}
                ),
            },
        )
        self._take(new)

    def _field_list(self, old: Any, new: Any) -> None:
        before, after = self._old.array(old), self._new.array(new)
        if after[: len(before)] != before:
            self._alter("form fields were removed or put in another order")
        for item in after[len(before) :]:
            if not isinstance(item, Ref) or item.number in self._old.places:
                self._alter("a form field was added that is no object of its own")
            else:
                self._new_field(item)
        for item in before:
            self._old_field(item)
        self._take(new)

    def _old_field(self, item: Any, depth: int = 0) -> None:
        """A field that was there: unchanged, unless an empty signature field was signed."""
        if not isinstance(item, Ref) or depth > 32:  # noqa: PLR2004  no real form is nested so
            return
        before, after = self._old.dictionary(item), self._new.dictionary(item)
        for kid in self._old.array(before.get("Kids")):
            self._old_field(kid, depth + 1)
        if item.number not in self._changed:
            return
        signed = (
            self._type_of(before) == "Sig"
            and self._old.resolve(self._value_of(before)) is None
            and self._signature(self._signed_with(after))
        )
        gains = dict.fromkeys(_FIELD_MAY_GAIN, _anything) if signed else {}
        name = full_name(self._old, before)[:64]
        self._entries(f"the form field {name!r}", before, after, gains)
        self._take(item)
        if signed and "T" in before:
            self._additions_of(item, after, name)
        elif signed:
            self._widget(item, after)

    def _type_of(self, field: Mapping[str, Any]) -> str:
        parent = self._old.dictionary(field.get("Parent"))
        return kind(dict(field), "FT") or kind(parent, "FT")

    def _value_of(self, field: Mapping[str, Any]) -> Any:
        parent = self._old.dictionary(field.get("Parent"))
        return field.get("V", parent.get("V"))

    def _signed_with(self, field: Mapping[str, Any]) -> Any:
        """The value of a field in the whole file; a widget has its field's."""
        return field.get("V", self._new.dictionary(field.get("Parent")).get("V"))

    def _signature(self, value: Any) -> bool:
        """Whether a value is a signature or a time-stamp that was added."""
        entries = self._new.dictionary(value)
        fits = (
            isinstance(value, Ref)
            and value.number not in self._old.places
            and kind(entries) in _SEALS
            and isinstance(entries.get("Contents"), bytes)
        )
        if fits:
            self._subtree(value, no_streams)
        return fits

    def _new_field(self, item: Ref) -> None:
        """A field that was added: a signature field, signed or for a party to come."""
        field = self._new.dictionary(item)
        name = full_name(self._new, field)[:64]
        value = field.get("V")
        if kind(field, "FT") != "Sig" or "Parent" in field or "AA" in field or "A" in field:
            self._alter(f"the form field {name!r} was added")
            return
        if value is not None and not self._signature(value):
            self._alter(f"the form field {name!r} was added with a value that is no seal")
            return
        self._take(item)
        self._additions_of(item, field, name)

    def _additions_of(self, item: Ref, field: Mapping[str, Any], name: str) -> None:
        """What hangs on a field that was signed: its widgets, their looks, its lock."""
        entries = self._new.dictionary(field.get("V"))
        stamp = kind(entries) == "DocTimeStamp" or kind(entries, "SubFilter") == TIME_STAMP
        what = "a time-stamp" if stamp else "a further seal"
        if not entries:
            what = "a field for a further seal"
        shows = self._widget(item, field)
        for kid in self._new.array(field.get("Kids")):
            if isinstance(kid, Ref) and kid.number not in self._old.places:
                widget = self._new.dictionary(kid)
                if kind(widget, "Subtype") == "Widget" and widget.get("Parent") == item:
                    self._take(kid)
                    shows |= self._widget(kid, widget)
            elif isinstance(kid, Ref):
                shows |= self._widget(kid, self._new.dictionary(kid))
        for key in ("Lock", "SV"):
            self._subtree(field.get(key), no_streams)
        if shows and (stamp or not entries):
            # Nobody answers for it: no seal stands behind what it shows.
            self._alter(f"the field {name!r} was added, which shows something and holds no seal")
        where = " that shows on a page" if shows else ""
        self.additions.append(f"{what} in field {name!r}{where}")

    def _widget(self, item: Ref, widget: Mapping[str, Any]) -> bool:
        """Allow a widget's looks; whether it shows."""
        if "AA" in widget or "A" in widget:
            self._alter("an action was added to the field of a seal")
        self._fields[item.number] = kind(dict(widget), "Subtype")
        for key in ("AP", "MK"):
            self._subtree(widget.get(key), anything_goes)
        left, bottom, right, top = rectangle(self._new, widget.get("Rect"))
        looks = self._new.dictionary(widget.get("AP")) or self._new.dictionary(widget.get("MK"))
        return right > left and top > bottom and bool(looks)

    def _validation_data(self, old: Any, new: Any) -> None:
        """DSS (ISO 32000-2 section 12.8.4.3): certificates, OCSP answers and CRLs, as streams."""
        before = reached(self._old, old)
        if new is None or not self._subtree(new, holds_validation_data, before):
            self._alter("the validation data (DSS) were changed")
        elif reached(self._new, new) & self._changed or before != reached(self._new, new):
            self.additions.append("validation data")

    def _annotations(self) -> None:
        """Pages that changed: only by the widgets of the seals above."""
        for number in self._changed & self._pages.keys():
            old = self._old.dictionary(self._old.ref(number))
            new = self._new.dictionary(self._new.ref(number))
            page = self._pages[number]
            self._entries(f"page {page + 1}", old, new, {"Annots": self._annotation_list(page)})
            self._take(self._new.ref(number))
        for number, page in self._pages.items():
            if number in self._changed:
                continue
            held = self._old.dictionary(self._old.ref(number)).get("Annots")
            if isinstance(held, Ref) and held.number in self._changed:
                self._annotation_list(page)(held, held)

    def _annotation_list(self, page: int) -> Callable[[Any, Any], None]:
        def compare(old: Any, new: Any) -> None:
            before, after = self._old.array(old), self._new.array(new)
            if after[: len(before)] != before:
                self._alter(f"annotations of page {page + 1} were removed or put in another order")
            for item in after[len(before) :]:
                # Each widget once: on further pages it would be a stamp nobody signed for.
                if not isinstance(item, Ref) or self._fields.pop(item.number, "") != "Widget":
                    self._alter(f"an annotation was added to page {page + 1}")
            if isinstance(new, Ref) and (new == old or new.number not in self._old.places):
                self._take(new)

        return compare

    def _subtree(
        self,
        value: Any,
        fits: Callable[[Any], bool],
        known: Iterable[int] = (),
    ) -> bool:
        """Allow what a value leads to, as far as it is new or among ``known``.

        Returns:
            Whether each of its objects fits. Older objects are left as they are: if one of them
            changed, it is not allowed by this.
        """
        known, seen, good = set(known), set(), True
        stack = [value]
        while stack:
            item = stack.pop()
            if isinstance(item, Ref):
                number = item.number
                if number in seen or number in self._pages or number in self._fields:
                    continue
                seen.add(number)
                if number in self._old.places and number not in known:
                    continue
                self._allowed.add(number)
                item = self._new.resolve(item)
            good = good and fits(item)
            if isinstance(item, Stream):
                item = item.entries
            if isinstance(item, dict):
                # A widget's way back to its page or field is not part of what hangs on it.
                stack.extend(v for k, v in item.items() if k not in {"P", "Parent", "Data"})
            elif isinstance(item, list):
                stack.extend(item)
        return good


def _anything(old: Any, new: Any) -> None:
    """A rule for what does not matter."""
