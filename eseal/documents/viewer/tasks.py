"""What the viewer can be asked for, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from eseal.documents.viewer.areas import used_cells
from eseal.documents.viewer.copies import draw_in, unlike, with_pictures
from eseal.documents.viewer.covers import covered_by_annotations, covered_by_pictures
from eseal.documents.viewer.words import find_words

TASKS: Final[dict[str, Callable[..., Any]]] = {
    task.__name__: task
    for task in (
        find_words,
        used_cells,
        covered_by_annotations,
        covered_by_pictures,
        draw_in,
        unlike,
        with_pictures,
    )
}
