"""Signature fields in the structure of a tagged document (ISO 32000-1 section 14.7, PDF/UA-1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from eseal.documents.pdf.file.objects import Draft
from eseal.documents.pdf.file.values import Name, Ref
from eseal.documents.pdf.seals.fields import text_string

_MAX_DEPTH: Final = 32
_NAMES_PER_ENTRY: Final = 2


@dataclass
class Tagging:
    """The structure of one document while fields are added to it.

    Attributes:
        draft: the document.
        root: reference to the structure tree, or ``None`` of a document without.
        added: elements that were added: key in the parent tree, and reference.
    """

    draft: Draft
    root: Ref | None
    added: list[tuple[int, Ref]] = field(default_factory=list)

    @classmethod
    def of(cls, draft: Draft) -> Tagging:
        """The structure of a document."""
        root = draft.catalog.get("StructTreeRoot")
        return cls(draft, root if isinstance(root, Ref) else None)

    def add_field(self, reference: Ref, page: Ref, words: str) -> None:
        """Put a field into the structure; nothing is done for a document that has none.

        Args:
            reference: to the field, which is its own widget.
            page: the page it stands on.
            words: what it is, for those who hear the document.
        """
        if self.root is None:
            return
        draft, root = self.draft, self.draft.dictionary(self.root)
        parent = self._parent(root)
        key = self._free_key(root) + len(self.added)
        item = {"Type": Name("OBJR"), "Obj": reference, "Pg": page}
        element = draft.add(
            {
                "Type": Name("StructElem"),
                "S": Name("Form"),
                "P": parent,
                "Pg": page,
                "K": item,
                "Alt": text_string(words),
                "ID": self._name(key),
            }
        )
        kids = draft.dictionary(parent).get("K")
        held = draft.value(kids)
        there = held if isinstance(held, list) else [] if kids is None else [kids]
        draft.update(parent, K=[*there, element])
        draft.update(reference, StructParent=key)
        draft.update(page, Tabs=Name("S"))
        self.added.append((key, element))

    def finish(self) -> None:
        """Enter what was added in the structure's two indexes.

        By the second, of names, a validator that compares revisions reaches a field as a
        known element before it meets it in the tree.
        """
        if self.root is None or not self.added:
            return
        keyed = [part for key, element in self.added for part in (key, element)]
        named = [part for key, element in self.added for part in (self._name(key), element)]
        self._extend("ParentTree", "Nums", keyed)
        self._extend("IDTree", "Names", named)
        self.draft.update(self.root, ParentTreeNextKey=self.added[-1][0] + 1)

    def _name(self, key: int) -> bytes:
        """A name that sorts behind all that the tree of names has."""
        return self._last_name() + b"eseal-%05d" % key

    def _last_name(self) -> bytes:
        node = self.draft.dictionary(self.draft.dictionary(self.root).get("IDTree"))
        kids = self.draft.array(node.get("Kids"))
        if kids:
            limits = self.draft.array(self.draft.dictionary(kids[-1]).get("Limits"))
            last = limits[-1] if limits else b""
        else:
            last = (self.draft.array(node.get("Names"))[-2:] or [b""])[0]
        return last + b"-" if isinstance(last, bytes) and last > b"eseal-" else b""

    def _parent(self, root: dict[str, Any]) -> Ref:
        """The element of the whole document, or the root where there is no single one."""
        kids = self.draft.value(root.get("K"))
        first = root.get("K")
        if isinstance(kids, list) and kids:
            first = kids[0] if len(kids) == 1 else None
        if isinstance(first, Ref) and isinstance(self.draft.value(first), dict):
            return first
        assert self.root is not None  # noqa: S101  only asked where there is a structure
        return self.root

    def _free_key(self, root: dict[str, Any]) -> int:
        if self.added:
            return self.added[0][0]
        stated = root.get("ParentTreeNextKey")
        keys = [-1, *self._keys(root.get("ParentTree"), 0)]
        return max(max(keys) + 1, stated if isinstance(stated, int) else 0)

    def _keys(self, item: Any, depth: int) -> list[int]:
        node = self.draft.dictionary(item)
        numbers = self.draft.array(node.get("Nums"))[::_NAMES_PER_ENTRY]
        found = [number for number in numbers if isinstance(number, int)]
        if depth < _MAX_DEPTH:
            for kid in self.draft.array(node.get("Kids")):
                found += self._keys(kid, depth + 1)
        return found

    def _extend(self, tree: str, entries: str, added: list[Any]) -> None:
        """Add entries that come last to a name or number tree (ISO 32000-1 section 7.9.6)."""
        draft, root = self.draft, self.root
        assert root is not None  # noqa: S101  the same
        reference = draft.own(root, tree, {})
        node = draft.dictionary(reference)
        if "Kids" in node:
            leaf = draft.add({entries: added, "Limits": [added[0], added[-2]]})
            draft.change(reference, node | {"Kids": [*draft.array(node["Kids"]), leaf]})
            return
        there = draft.array(node.get(entries))
        pairs = list(zip(there[::2], there[1::2], strict=True))
        pairs += zip(added[::2], added[1::2], strict=True)
        ordered = sorted(pairs, key=lambda pair: pair[0])
        draft.change(reference, node | {entries: [part for pair in ordered for part in pair]})
