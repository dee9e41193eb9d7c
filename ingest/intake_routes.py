"""What is known of the doors for apps: the intake's API, Open311 GeoReport v2, and hooks, with the shapes of both ways.

One `Operation` a method and address, made of the intake's own bounds; docs/intake.md, open311.md and webhooks.md say
what the fields mean. The tests of the description hold the answers against them.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from msgspec import Meta

from ingest.open311.georeport import FORMS, JSON, TYPES, XML
from ingest.open311.georeport_reads import MOST, MOST_IDS
from ingest.open311.georeport_server import LONGEST_ID
from ingest.sources.api import MAX_ITEMS
from liveroom.domain.complaints.intake import ADDRESS, CODE, DESCRIPTION, MAX_MEDIA, MEDIA_ADDRESS, PERSON, PRIORITIES
from liveroom.interface import TEXT, Body, Chapter, Moment, Operation, Parameter, Reply, Seq, ok

Code = Annotated[str, Meta(min_length=1, max_length=CODE)]

# ---- the API of sources ----


class ReportPerson(TypedDict, total=False):
    """Who reported; personal data that no screen shows."""

    name: Annotated[str, Meta(max_length=PERSON["name"])] | None
    phone: Annotated[str, Meta(max_length=PERSON["phone"])] | None
    email: Annotated[str, Meta(max_length=PERSON["email"])] | None


class SentReport(TypedDict):
    """One report: ``source_id`` is unique within the source; ``lat`` and ``lon`` come together; others may be added."""

    source_id: Code
    category: Code
    description: NotRequired[Annotated[str, Meta(max_length=DESCRIPTION)] | None]
    address: NotRequired[Annotated[str, Meta(max_length=ADDRESS)] | None]
    lat: NotRequired[Annotated[float, Meta(ge=-90, le=90)] | None]
    lon: NotRequired[Annotated[float, Meta(ge=-180, le=180)] | None]
    area: NotRequired[Annotated[str, Meta(max_length=CODE)] | None]
    channel: NotRequired[Annotated[str, Meta(max_length=CODE)] | None]
    reported_at: NotRequired[Moment | None]
    updated_at: NotRequired[Moment | None]
    priority: NotRequired[Literal[*PRIORITIES] | None]  # type: ignore[valid-type]
    person: NotRequired[ReportPerson | None]
    media: NotRequired[
        Annotated[list[Annotated[str, Meta(max_length=MEDIA_ADDRESS)]], Meta(max_length=MAX_MEDIA)] | None
    ]
    drill: NotRequired[bool | None]


class AcceptedReport(TypedDict):
    """The complaint that a report became, or belongs to."""

    id: str
    seq: Seq
    status: str


class ReportFault(TypedDict):
    """Why a report was not taken; ``unavailable``: send it again."""

    field: str
    code: Literal["malformed", "unavailable"]
    message: str


class ReportResult(TypedDict):
    """What became of one of several, by its index."""

    index: Annotated[int, Meta(ge=0)]
    id: NotRequired[str]
    seq: NotRequired[Seq]
    status: NotRequired[str]
    error: NotRequired[ReportFault]


class ReportResults(TypedDict):
    """What became of each, in order."""

    results: list[ReportResult]


_EXAMPLE: Mapping[str, Any] = {
    "source_id": "L-2026-000123",
    "category": "jalan_rusak",
    "description": "Lubang dalam di depan pasar",
    "lat": -6.1783,
    "lon": 106.6319,
}


def _intake() -> Operation:
    several = Annotated[list[SentReport], Meta(max_length=MAX_ITEMS)]
    return Operation(
        endpoint="intake.complaints",
        method="POST",
        path="/api/v1/complaints",
        group=Chapter.INTAKE,
        answers={
            200: Reply(shape=(AcceptedReport, ReportResults)),
            201: Reply(shape=AcceptedReport),
        },
        body=Body(shape=SentReport | several, example=_EXAMPLE),
    )


# ---- Open311 ----


class GeoFault(TypedDict):
    """A fault as GeoReport has it; ``code`` is the status."""

    code: int
    description: str


class Endpoint(TypedDict):
    """Where the server is."""

    specification: str
    url: str
    changeset: Moment
    type: Literal["production", "test"]
    formats: list[str]


class Discovery(TypedDict):
    """The discovery document."""

    changeset: Moment
    contact: str
    key_service: str
    endpoints: list[Endpoint]


class GeoService(TypedDict):
    """A category of the city's pack."""

    service_code: str
    service_name: str
    description: str | None
    metadata: bool
    type: Literal["realtime"]
    keywords: str | None
    group: str | None


class GeoAttributeValue(TypedDict):
    """One of the values of a list."""

    key: str
    name: str


class ServiceAttribute(TypedDict):
    """A question that is asked with a category."""

    variable: bool
    code: str
    datatype: str
    required: bool
    datatype_description: str | None
    order: int
    description: str
    values: NotRequired[list[GeoAttributeValue]]


class ServiceDefinition(TypedDict):
    """What is asked with a category."""

    service_code: str
    attributes: list[ServiceAttribute]


class GeoRequest(TypedDict):
    """A complaint as GeoReport has it; much of it only for the source that sent it."""

    service_request_id: str
    status: Literal["open", "closed"]
    status_notes: str
    service_name: str
    service_code: str
    description: None
    agency_responsible: str | None
    service_notice: None
    requested_datetime: Moment
    updated_datetime: Moment
    expected_datetime: Moment | None
    address: str | None
    address_id: str | None
    zipcode: str | None
    lat: float | None
    long: float | None
    media_url: None


class GeoToken(TypedDict):
    """A token is the request's own id."""

    service_request_id: str
    token: str


class GeoUpdate(TypedDict):
    """A step of a request, in FixMyStreet's words."""

    update_id: str
    service_request_id: str
    status: str
    description: str
    updated_datetime: Moment
    media_url: None


class GeoSent(TypedDict):
    """The complaint that a report became."""

    service_request_id: str
    service_notice: str
    account_id: None


class GeoUpdateTaken(TypedDict):
    """The id of an update that was taken."""

    update_id: str


_FIELD: Mapping[str, Any] = {"type": "string"}
_MANY: Mapping[str, Any] = {"type": "array", "items": _FIELD}
_REQUEST_FORM: Mapping[str, Any] = {
    "title": "ServiceRequestForm",
    "type": "object",
    "properties": {
        "api_key": _FIELD,
        "jurisdiction_id": _FIELD,
        "service_code": _FIELD,
        "lat": {"type": "string", "pattern": r"^[+-]?\d+(\.\d+)?$"},
        "long": {"type": "string", "pattern": r"^[+-]?\d+(\.\d+)?$"},
        "address_string": {"type": "string", "maxLength": ADDRESS},
        "address_id": {"type": "string", "maxLength": ADDRESS},
        "description": {"type": "string", "maxLength": DESCRIPTION},
        **dict.fromkeys(("first_name", "last_name", "phone", "email", "device_id", "account_id"), _FIELD),
        "media_url": {**_MANY, "maxItems": MAX_MEDIA},
    },
    "required": ["service_code"],
    # attribute[CODE], and what other clients send along.
    "additionalProperties": True,
}
_UPDATE_FORM: Mapping[str, Any] = {
    "title": "ServiceRequestUpdateForm",
    "type": "object",
    "properties": {
        "api_key": _FIELD,
        "jurisdiction_id": _FIELD,
        "service_request_id": _FIELD,
        "update_id": {"type": "string", "maxLength": LONGEST_ID},
        "status": {"type": "string", "maxLength": LONGEST_ID},
        "description": {"type": "string", "maxLength": DESCRIPTION},
        "updated_datetime": _FIELD,
        "media_url": _MANY,
    },
    "required": ["service_request_id", "update_id", "status", "description"],
    "additionalProperties": True,
}
_JURISDICTION = Parameter(name="jurisdiction_id")
_KEYED = (Parameter(name="api_key"), _JURISDICTION)
_SPAN = (
    *(Parameter(name=name) for name in ("start_date", "end_date", "updated_after", "updated_before")),
    Parameter(name="page", shape=Annotated[int, Meta(ge=1)]),
    Parameter(name="page_size", shape=Annotated[int, Meta(ge=1, le=MOST)]),
)
_REQUESTS = (
    Parameter(name="service_request_id", shape={"type": "string", "description": f"up to {MOST_IDS}, with commas"}),
    Parameter(name="service_code"),
    Parameter(name="status"),
    *_SPAN,
)


def _read(path: str, name: str, shape: Any, *query: Parameter, statuses: tuple[int, ...]) -> Iterator[Operation]:
    """A document that is read, in each format."""
    for form, media in TYPES.items():
        kind = media if name == "discovery" else f"{media}; charset=utf-8"
        yield Operation(
            endpoint="open311.read",
            method="GET",
            path=f"/open311/{path}.{form}",
            group=Chapter.OPEN311,
            id=f"open311_{name}_{form}",
            word=f"open311_{name}",
            answers={
                200: Reply(shape=shape if form == JSON else None, media=(kind,)),
                **_faults(form, statuses),
            },
            query=query,
            plain=True,
        )


def _faults(form: str, statuses: tuple[int, ...]) -> Mapping[int, Reply]:
    """Errors in the format of the address."""
    fault = Reply(shape=list[GeoFault] if form == JSON else None, media=(f"{TYPES[form]}; charset=utf-8",))
    return dict.fromkeys(statuses, fault)


def _post(
    path: str, name: str, shape: Any, form_shape: Mapping[str, Any], taken: tuple[int, ...]
) -> Iterator[Operation]:
    """A form that is posted, answered in each format."""
    for form in (JSON, XML):
        answer = Reply(shape=shape if form == JSON else None, media=(f"{TYPES[form]}; charset=utf-8",))
        yield Operation(
            endpoint="open311.write",
            method="POST",
            path=f"/open311/{path}.{form}",
            group=Chapter.OPEN311,
            id=f"open311_{name}_{form}",
            word=f"open311_{name}",
            answers={**dict.fromkeys(taken, answer), **_faults(form, (400, 403, 404, 408, 413, 503))},
            body=Body(shape=form_shape, media=FORMS),
            plain=True,
        )


def _open311() -> Iterator[Operation]:
    yield from _read("discovery", "discovery", Discovery, statuses=(400,))
    yield from _read("v2/services", "services", list[GeoService], _JURISDICTION, statuses=(400, 404))
    yield from _read("v2/services/{code}", "definition", ServiceDefinition, _JURISDICTION, statuses=(400, 404))
    rows = (400, 403, 404, 429, 503)
    yield from _read("v2/requests", "requests", list[GeoRequest], *_KEYED, *_REQUESTS, statuses=rows)
    yield from _read("v2/requests/{id}", "request", list[GeoRequest], *_KEYED, statuses=rows)
    yield from _read("v2/tokens/{token}", "token", list[GeoToken], *_KEYED, statuses=rows)
    updates = "v2/servicerequestupdates"
    yield from _read(updates, "updates", list[GeoUpdate], *_KEYED, *_REQUESTS, statuses=rows)
    yield from _post("v2/requests", "report", list[GeoSent], _REQUEST_FORM, (200, 201))
    yield from _post(updates, "update", list[GeoUpdateTaken], _UPDATE_FORM, (200,))


# ---- hooks ----


class HookResults(TypedDict):
    """What became of each report of a payload; how many items were ignored; whether it came before."""

    results: list[ReportResult]
    ignored: Annotated[int, Meta(ge=0)]
    repeated: bool


def _hooks() -> Iterator[Operation]:
    anything: Mapping[str, Any] = {"title": "HookPayload", "description": "JSON of any making, read by a mapping"}
    signatures = ("webhook-id", "webhook-timestamp", "webhook-signature", "X-Signature")
    yield Operation(
        endpoint="hooks.take",
        method="POST",
        path="/hooks/{source}",
        group=Chapter.HOOKS,
        answers=ok(HookResults),
        query=tuple(Parameter(name=name, where="header") for name in signatures),
        body=Body(shape=anything),
    )
    asked = ("hub.mode", "hub.verify_token", "hub.challenge")
    yield Operation(
        endpoint="hooks.greet",
        method="GET",
        path="/hooks/{source}",
        group=Chapter.HOOKS,
        answers={200: Reply(media=(TEXT,))},
        query=tuple(Parameter(name=name) for name in asked),
        errors=(403,),
    )


# What no program asks for.
NO_INTERFACE: Mapping[str, str] = {"open311.refuse": "answers 405 to methods that the protocol does not have"}


def operations() -> tuple[Operation, ...]:
    """Every operation of these doors."""
    return (_intake(), *_open311(), *_hooks())
