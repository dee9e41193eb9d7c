"""The words in which the edges describe their HTTP routes: operations, parameters, bodies, answers, problems.

Each edge has a table of `Operation`s beside its routes; `display/description` makes one OpenAPI document of all.
A shape is a type (a TypedDict or struct, its schema made by msgspec) or a JSON schema as a mapping.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, NotRequired, TypedDict

from msgspec import Meta

JSON, PROBLEM, HTML, TEXT, XML = (
    *("application/json", "application/problem+json", "text/html; charset=utf-8", "text/plain; charset=utf-8"),
    "text/xml; charset=utf-8",
)
FORM, MULTIPART, BYTES = "application/x-www-form-urlencoded", "multipart/form-data", "application/octet-stream"
# What a picture or film may be.
MEDIA = ("image/*", "video/*")
# RFC 3339 in UTC; a date; a position in the log, exact in JavaScript.
Moment = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
Day = Annotated[str, Meta(extra_json_schema={"format": "date"})]
Seq = Annotated[int, Meta(ge=0, lt=1 << 53)]
# A share from 0 to 1, or above where more than all of the time is used.
Share = Annotated[float, Meta(ge=0)]


class Chapter(StrEnum):
    """The parts of the interface, in the order of the page that shows them."""

    INTAKE = "intake"
    OPEN311 = "open311"
    HOOKS = "hooks"
    COMMANDS = "commands"
    DESK = "desk"
    SOURCES = "sources"
    FILES = "files"
    FEED = "feed"
    FIGURES = "figures"
    CITIZENS = "citizens"
    LINKS = "links"
    PEOPLE = "people"
    PAGES = "pages"
    HEALTH = "health"


class RefusalMembers(TypedDict):
    """What a refusal may say besides: the field it is about; of a command who was faster or has claimed the complaint,
    and its card as it is now."""

    field: NotRequired[str]
    card: NotRequired[dict[str, Any]]
    changed_by: NotRequired[str]
    changed_by_name: NotRequired[str]
    event: NotRequired[str]
    claimed_by: NotRequired[str]
    claimed_by_name: NotRequired[str]


class Problem(RefusalMembers):
    """RFC 9457 problem details; ``code`` is for machines, ``message`` for people."""

    type: str
    title: str
    status: Annotated[int, Meta(ge=400, le=599)]
    code: str
    message: str
    effort: NotRequired[int]
    count: NotRequired[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter of the address, or with ``where`` a header; ``repeated``: it may be there several times."""

    name: str
    shape: Any = str
    where: str = "query"
    required: bool = False
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What is sent: the same ``shape`` in any of the ``media`` types; ``example`` is shown and tried."""

    shape: Any
    media: tuple[str, ...] = (JSON,)
    required: bool = True
    example: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One status: its ``shape`` as JSON, or of another ``media`` type; no shape and no media: an empty body."""

    shape: Any = None
    media: tuple[str, ...] = ()
    headers: Mapping[str, Any] = field(default_factory=dict)

    @property
    def types(self) -> tuple[str, ...]:
        """The media types of the body."""
        return self.media or ((JSON,) if self.shape is not None else ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one address.

    ``endpoint``: the route that answers, as in the permission table; ``path``: ``{name}`` for what varies.
    ``id``: its name for programs, made of the endpoint where it is empty. ``word``: the key of its one line in the
    catalogue of texts, behind ``api.op.``, likewise; ``fills``: what stands in it. ``places``: shapes of parts of the
    path that are not just text. ``errors``: statuses of refusals beyond those that every route of its kind has.
    ``own_errors``: what they are where they are no problem documents, ``plain`` where only these errors are known.
    ``practice``: trusted loopback names its person in the address. ``may``: who may, where that is not all whom the
    permission table lets in.
    """

    endpoint: str
    method: str
    path: str
    group: Chapter
    answers: Mapping[int, Reply]
    id: str = ""
    word: str = ""
    fills: Mapping[str, Any] = field(default_factory=dict)
    places: Mapping[str, Any] = field(default_factory=dict)
    query: tuple[Parameter, ...] = ()
    body: Body | None = None
    errors: tuple[int, ...] = ()
    own_errors: Reply | None = None
    plain: bool = False
    practice: bool = False
    may: frozenset[str] | None = None

    @property
    def name(self) -> str:
        """Its name for programs, the ``operationId``."""
        return self.id or self.endpoint.replace(".", "_")

    @property
    def key(self) -> str:
        """The key of its one line in the catalogue."""
        return "api.op." + (self.word or self.endpoint).replace(".", "_")


def ok(shape: Any, status: int = 200) -> Mapping[int, Reply]:
    """The answers of a route that has one, JSON of this shape."""
    return {status: Reply(shape=shape)}
