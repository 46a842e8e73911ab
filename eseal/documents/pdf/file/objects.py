"""The objects of a file, followed from reference to value; and changes to them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, TypeVar

from eseal.documents.pdf.file.values import Ref, Stream
from eseal.errors import InvalidFormatError

_Made = TypeVar("_Made")


class Objects(ABC):
    """Objects by number, as plain values (:mod:`eseal.documents.pdf.file.values`)."""

    @property
    @abstractmethod
    def size(self) -> int:
        """One more than the highest number of an object."""

    @abstractmethod
    def load(self, number: int) -> Any:
        """The value of an object: a dictionary or list that can be changed, but for what is in it.

        Raises:
            InvalidFormatError: there is no such object.
        """

    def once(self, key: object, make: Callable[[Objects], _Made]) -> _Made:
        """What is made of some objects; where it can be, made once for all who ask.

        Args:
            key: what it is; always made in the same way.
            make: looks at the objects it is given, and at nothing else.
        """
        del key
        return make(self)

    def value(self, item: Any) -> Any:
        """A value, with a reference followed to its object.

        Raises:
            InvalidFormatError: there is no such object, or it is a reference itself.
        """
        if not isinstance(item, Ref):
            return item
        value = self.load(item.number)
        if isinstance(value, Ref):
            raise InvalidFormatError(f"expected a value in object {item.number}")
        return value

    def dictionary(self, item: Any) -> dict[str, Any]:
        """The same for a dictionary; none counts as an empty one.

        Raises:
            InvalidFormatError: it is something else.
        """
        value = self.value(item)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise InvalidFormatError(f"expected a dictionary, got {type(value).__name__}")
        return value

    def array(self, item: Any) -> list[Any]:
        """The same for an array; none counts as an empty one.

        Raises:
            InvalidFormatError: it is something else.
        """
        value = self.value(item)
        if value is None:
            return []
        if not isinstance(value, list):
            raise InvalidFormatError(f"expected an array, got {type(value).__name__}")
        return value

    def stream(self, item: Any) -> Stream:
        """The same for a stream.

        Raises:
            InvalidFormatError: it is something else.
        """
        value = self.value(item)
        if not isinstance(value, Stream):
            raise InvalidFormatError(f"expected a stream, got {type(value).__name__}")
        return value

    @property
    def catalog(self) -> dict[str, Any]:
        """The catalog, which is object 1."""
        return self.dictionary(Ref(1))


class Draft(Objects):
    """Objects with changes that are not written yet.

    Attributes:
        changed: values of new and changed objects, by number.
    """

    def __init__(self, before: Objects) -> None:
        self._before = before
        self.changed: dict[int, Any] = {}
        self._size = before.size

    @property
    def size(self) -> int:
        """One more than the highest number of an object, new ones included."""
        return self._size

    def load(self, number: int) -> Any:
        """The value of an object, changed or not."""
        if number in self.changed:
            return self.changed[number]
        return self._before.load(number)

    def add(self, value: Any) -> Ref:
        """Add an object."""
        reference = Ref(self._size)
        self._size += 1
        self.changed[reference.number] = value
        return reference

    def change(self, reference: Ref, value: Any) -> None:
        """Give an object another value."""
        self.changed[reference.number] = value

    def update(self, reference: Ref, **entries: Any) -> None:
        """Set entries of a dictionary that is an object of its own."""
        self.change(reference, {**self.dictionary(reference), **entries})

    def append(self, item: Any, *arrays: Ref) -> None:
        """Add an item to arrays that are objects of their own, once where two are the same."""
        for array in dict.fromkeys(arrays):
            self.change(array, [*self.array(array), item])

    def own(self, holder: Ref, key: str, empty: Any) -> Ref:
        """See that an entry of a dictionary is an object of its own.

        Args:
            holder: the dictionary.
            key: the entry.
            empty: its value if there is none.

        Returns:
            The reference to it.
        """
        there = self.dictionary(holder).get(key)
        if isinstance(there, Ref) and self.load(there.number) is not None:
            return there
        made = self.add(empty if there is None or isinstance(there, Ref) else there)
        self.update(holder, **{key: made})
        return made
