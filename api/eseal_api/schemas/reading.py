"""How a request is read: by the model that describes it, strictly, and what is wrong is named."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Self, TypeVar

import orjson
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetPydanticSchema,
    ModelWrapValidatorHandler,
    PlainValidator,
    ValidationError,
    WithJsonSchema,
    WrapValidator,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError
from starlette.datastructures import UploadFile

from eseal.errors import InvalidFormatError, InvalidInputError
from eseal.excerpts import EXCERPT_CHARS, excerpt, value_excerpt

if TYPE_CHECKING:
    from pydantic import ValidatorFunctionWrapHandler
    from pydantic_core import ErrorDetails

MAX_FAULTS = 1000
"""In one request; to list those of a body of nothing but unknown members takes seconds."""
_REWORDED = {
    "Value error, ": "",
    "Input should be a valid dictionary": "expected a JSON object",
    "Input should be a valid list": "expected a JSON list",
    "Input should be greater ": "expected a number greater ",
    "Input should be less ": "expected a number less ",
    "Input should be ": "expected ",
    "Field required": "expected a value, got none",
    "Input should have timezone info": "expected a time such as 2026-11-22T16:45:00Z",
    "Extra inputs are not permitted": "there is no such member",
    "String should match ": "expected a text that matches ",
    "String should ": "a text should ",
}
"""How messages of pydantic begin, and how ours do; the first that fits."""
_OF_NO_VALUE = {"missing", "extra_forbidden", "json_invalid"}
"""Kinds of faults whose input is what stands around them."""

_Model = TypeVar("_Model", bound=BaseModel)
_T = TypeVar("_T")

LeftOut = Annotated[_T | None, GetPydanticSchema(lambda source, handler: handler(source)["schema"])]
"""A member that may be left out, and then is ``None``; ``null`` is not read."""
LEFT_OUT: Any = Field(default_factory=lambda: None)
"""The default of such a member, which no schema shows."""


WRITTEN: Any = Field(strict=False)
"""A type that JSON has no values of: a time or an enumeration is a text, a tuple a list."""


class Asked(BaseModel):
    """Base of what comes in: no type is taken for another, and a misspelt member is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Secret(Asked):
    """Base of what comes in with a secret: no error repeats what came, whatever member it is of."""

    @model_validator(mode="wrap")
    @classmethod
    def _unsaid(cls, value: object, inner: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return inner(value)
        except ValidationError as error:
            found = error.errors(include_url=False, include_input=False)
            raise ValidationError.from_exception_data(
                cls.__name__, [_without_value(one) for one in found[:MAX_FAULTS]]
            ) from None


def _without_value(fault: ErrorDetails) -> InitErrorDetails:
    what = said(fault["msg"])
    if fault["type"] not in _OF_NO_VALUE and ", got " not in what:
        what += ", got something else"
    told = PydanticCustomError("unsaid", "{what}", {"what": what})
    return InitErrorDetails(type=told, loc=fault["loc"], input=None)


def read(model: type[_Model], value: object, *, above: str = "", context: object = None) -> _Model:
    """What was asked for.

    Args:
        model: what it is expected to be.
        value: as JSON or a form gave it.
        above: the name of the value, where it is no request.
        context: for validators of the model that need a setting.

    Raises:
        InvalidInputError: it is something else; names the member.
    """
    try:
        return model.model_validate(value, context=context)
    except ValidationError as error:
        raise fault_of(error, above, model.model_fields) from None


def fault_of(
    error: ValidationError, above: str = "", members: Collection[str] = ()
) -> InvalidInputError:
    """What is wrong, in our words: an unknown member first, else what was found first.

    Args:
        error: what the model says.
        above: the name of the value, where it is no request.
        members: those of the value, to be told where another one stands beside them.
    """
    if (count := error.error_count()) > MAX_FAULTS:
        return InvalidFormatError(f"expected the members that are described, got {count} faults")
    found = error.errors(include_url=False)
    first = next((one for one in found if one["type"] == "extra_forbidden"), found[0])
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, InvalidInputError):
        return cause
    path = [str(part) for part in (above, *first["loc"]) if part != ""]
    what = worded(first)
    if first["type"] == "extra_forbidden":
        unknown = str(first["loc"][-1])
        path = path[:-1] if unknown else path
        beside = len(first["loc"]) == 1 and members
        known = ", ".join(sorted(members)) if beside else "members that are described"
        what = f"expected only {known}, got {excerpt(unknown)}"
        return InvalidFormatError(f"{_named(path) or 'body'}: {what}", field=_named([unknown]))
    return InvalidFormatError(f"{_named(path) or 'body'}: {what}", field=_named(path))


def _named(path: list[str]) -> str | None:
    return ".".join(path)[:EXCERPT_CHARS] or None


def worded(fault: Mapping[str, Any]) -> str:
    """What is wrong with a value, and what came."""
    what, given = said(fault["msg"]), fault.get("input")
    if fault["type"] in {*_OF_NO_VALUE, "unsaid"} or ", got " in what:
        return what
    plain = given is None or isinstance(given, (str, int, float))
    return f"{what}, got {value_excerpt(given, EXCERPT_CHARS) if plain else type(given).__name__}"


def said(message: str) -> str:
    """A message of the library that reads requests, in our words."""
    for theirs, ours in _REWORDED.items():
        if message.startswith(theirs):
            rest = message.removeprefix(theirs)
            return ours + ("" if rest.startswith(" or ") else rest)
    return message


def expected(what: str) -> WrapValidator:
    """Say what a value should be, instead of what each of several forms finds wrong with it."""

    def check(value: object, inner: ValidatorFunctionWrapHandler) -> Any:
        try:
            return inner(value)
        except ValidationError:
            raise ValueError(f"expected {what}") from None

    return WrapValidator(check)


def called(name: str) -> WrapValidator:
    """Name a value so in errors, wherever it stands."""

    def check(value: object, inner: ValidatorFunctionWrapHandler) -> Any:
        try:
            return inner(value)
        except ValidationError as error:
            raise fault_of(error, name) from None

    return WrapValidator(check)


def _file(part: object) -> UploadFile:
    if not isinstance(part, UploadFile):
        raise ValueError("expected a file, got a field")  # noqa: TRY004  what pydantic takes
    return part


File = Annotated[
    UploadFile, PlainValidator(_file), WithJsonSchema({"type": "string", "format": "binary"})
]
"""A file of a form."""


def as_json(asked: object) -> bytes:
    """JSON of what was read from JSON; the order of members does not matter.

    Raises:
        InvalidFormatError: lists in lists, or objects in objects, without end.
    """
    try:
        return orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        raise InvalidFormatError("body: expected JSON of few levels, got many") from None


def from_json(text: object) -> object:
    """What the text of a form field holds, or the text, which its model then refuses."""
    try:
        return orjson.loads(text) if isinstance(text, str) else text
    except orjson.JSONDecodeError:
        return text
