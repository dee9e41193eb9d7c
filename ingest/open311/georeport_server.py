"""The Open311 GeoReport v2 server under `/open311/`: apps that speak it send reports and read what became of them.

docs/open311.md is the contract. A source's key is the ``api_key``. Every answer, every error too, is in the format that
the address ends with. Checks come in the order address, key, jurisdiction, service, location, attributes, lengths.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict

from ingest.open311.georeport import (
    FORMS,
    SPECIFICATION,
    TYPES,
    Parameters,
    RequestRefused,
    Target,
    document,
    number_of,
    read_form,
    refusal,
    target_of,
    written,
)
from ingest.open311.georeport_reads import RequestReads, known_ids
from ingest.sources.api import PAUSED_AGAIN, RETRY_AFTER, Backpressure, Caller, IntakeCounts, IntakeGate, SourceRegister
from liveroom.accounts.arrivals import Tally
from liveroom.city.categories import LISTS, Attribute, Category
from liveroom.city.city import City
from liveroom.domain.complaints.intake import Report, report_of
from liveroom.domain.fields import TEXT_MAX
from liveroom.domain.requests import Malformed, Unknown
from liveroom.domain.timestamps import time_of
from liveroom.log.engine import Unavailable
from liveroom.projection.service_requests import Reader
from liveroom.room.commands.apps import AppCommands, AppUpdate
from liveroom.room.room import Room
from liveroom.runtime.http_input import BadJson, TooLarge
from liveroom.runtime.language import text
from liveroom.runtime.server.connections import prove

BASE = "/open311/"
CHANNEL = "open311"
VERSION = "v2"
# What can be read, and what can be posted.
COLLECTIONS = ("discovery", "services", "requests", "tokens", "servicerequestupdates")
POSTED = ("requests", "servicerequestupdates")
MOST_ATTRIBUTES = 50
LONGEST_ID = 128
NO_KEY = "an api_key is needed"
# The names that a fault has here, by those of a report.
NAMES = {
    "lon": "long",
    "address": "address_string",
    "media": "media_url",
    "person.name": "first_name and last_name",
    "person.phone": "phone",
    "person.email": "email",
}
# A marker of FixMyStreet's for a place that was not chosen on a map.
MARKER = "#"
# What an update says of the state; the other words are kept in front of what it says.
SAYS_OPEN, SAYS_NOTHING = frozenset({"OPEN", "REOPEN"}), frozenset({"", "OPEN", "REOPEN", "UNCHANGED"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Open311Server:
    """What the server needs. ``public``: whether anybody may read; ``wait_s``: counts such a read, seconds to wait.

    ``address``: the room's own for others, None for the one that was asked; ``changed_at``: when the pack last changed.
    """

    room: Room
    sources: SourceRegister
    gate: IntakeGate
    counts: IntakeCounts
    public: bool
    wait_s: Callable[[], int]
    address: str | None
    changed_at: datetime
    reads: RequestReads = field(init=False)
    apps: AppCommands = field(init=False)

    def __post_init__(self) -> None:
        """Make what it reads and writes with."""
        object.__setattr__(self, "reads", RequestReads(self.room.log, self.room.city))
        object.__setattr__(self, "apps", AppCommands(self.room))


def open311_blueprint(server: Open311Server) -> Blueprint:
    """The blueprint to register with the app."""
    blueprint = Blueprint("open311", __name__)
    doors = {
        "read": (("GET",), _Reads(server).answer),
        "write": (("POST",), _Posts(server).answer),
        "refuse": (("PUT", "PATCH", "DELETE"), _no_method),
    }
    for name, (methods, door) in doors.items():
        view = _answered(door)
        blueprint.add_url_rule(f"{BASE}<path:rest>", name, view, methods=methods, merge_slashes=False)
    blueprint.after_app_request(_in_format)
    return blueprint


# ---- every request ----


Door = Callable[[Target, bool], Response]


def _target(rest: str) -> tuple[Target, bool]:
    """The target of an address, and whether it lies under the version."""
    rest = rest.lstrip("/")
    version, slash, behind = rest.partition("/")
    under = bool(slash) and version == VERSION
    return target_of(behind if under else rest, request), under


def _answered(door: Door) -> Callable[[str], Response]:
    def answer(rest: str) -> Response:
        target, under = _target(rest)
        try:
            if not target.known:
                raise RequestRefused(404, "there are the formats xml and json")
            return door(target, under)
        except (RequestRefused, Malformed, Unknown, TooLarge, BadJson, Backpressure, Unavailable) as fault:
            return refusal(_as_refusal(fault), target.form)

    return answer


def _as_refusal(fault: Exception) -> RequestRefused:
    match fault:
        case RequestRefused():
            return fault
        case Malformed():
            name = fault.field.partition("[")[0]
            return RequestRefused(400, f"{NAMES.get(name, name)} {fault.message}")
        case Unknown():
            return RequestRefused(404, "there is no service request with this id")
        case TooLarge():
            return RequestRefused(413, str(fault))
        case BadJson():
            return RequestRefused(fault.status, str(fault))
        case Backpressure():
            return RequestRefused(503, "too much arrives at once: come back later", retry_after=RETRY_AFTER)
        case _:
            return RequestRefused(503, "the room cannot be reached: come back later", retry_after=RETRY_AFTER)


def _in_format(response: Response) -> Response:
    """What was refused before a door was reached, such as an address with a NUL, in the format of the address."""
    if not request.path.startswith(BASE) or response.mimetype != "application/problem+json":
        return response
    target, _ = _target(request.path.removeprefix(BASE))
    status = 400 if response.status_code in (415, 422) else response.status_code
    said = refusal(RequestRefused(status, msgspec.json.decode(response.get_data())["message"]), target.form)
    said.headers.extend({name: value for name, value in response.headers.items() if name == "Retry-After"})
    return said


def _no_method(target: Target, _under: bool) -> Response:
    return _wrong_method(target)


def _wrong_method(target: Target) -> Response:
    posts = target.collection in POSTED and not target.key
    allowed = "GET, HEAD, OPTIONS" + (", POST" if posts else "")
    response = refusal(RequestRefused(405, f"the methods here are {allowed}"), target.form)
    response.headers["Allow"] = allowed
    return response


def _caller(server: Open311Server, asked: Parameters) -> Caller | None:
    """The source whose key came as a parameter or as a bearer; None without a key. Raises RequestRefused."""
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    key = asked.one("api_key") or (bearer.strip() if scheme.lower() == "bearer" else "")
    if not key:
        return None
    caller = server.sources.admit(key)
    if caller is None:
        raise RequestRefused(403, "the api_key is not known")
    prove(request.environ)
    server.sources.heard(caller.id)
    return caller


def _check_jurisdiction(city: City, asked: Parameters) -> None:
    """Raises RequestRefused for another city's; it may be left out."""
    said = asked.one("jurisdiction_id")
    if said is not None and said.lower() != city.key:
        raise RequestRefused(404, f"there is no jurisdiction {said[:80]!r} here")


# ---- reading ----


class _Reads:
    """``GET``."""

    def __init__(self, server: Open311Server) -> None:
        self._server = server
        self._city = server.room.city
        self._language = self._city.languages[0]
        self._listed = frozenset(key for key, one in self._city.categories.items() if not one.private)

    def answer(self, target: Target, under: bool) -> Response:
        """The document at an address. Raises RequestRefused, Unavailable."""
        asked = Parameters(request.args)
        match target:
            case Target(collection="discovery", key=""):
                return document("discovery", self._discovery(), target.form, bare=True)
            case Target(collection="services", key="") if under:
                _check_jurisdiction(self._city, asked)
                return document("services", self._services(), target.form)
            case Target(collection="services") if under:
                _check_jurisdiction(self._city, asked)
                return document("service_definition", self._definition(target.key), target.form)
            case Target(collection="requests" | "tokens" | "servicerequestupdates") if under:
                return self._rows(target, asked)
            case _:
                raise RequestRefused(404, "there is nothing at this address")

    def _rows(self, target: Target, asked: Parameters) -> Response:
        reader = self._reader(asked)
        _check_jurisdiction(self._city, asked)
        reads = self._server.reads
        match target:
            case Target(collection="requests", key=""):
                return document("service_requests", reads.requests(reader, asked), target.form)
            case Target(collection="servicerequestupdates", key=""):
                return document("service_request_updates", reads.updates(reader, asked), target.form)
            case Target(collection="requests", key=id_) if rows := reads.one(reader, id_):
                return document("service_requests", rows, target.form)
            # A token is the request's own id: there is no waiting for it.
            case Target(collection="tokens", key=id_) if id_ and reads.one(reader, id_):
                token = {"service_request_id": id_, "token": id_}
                return document("service_requests", [token], target.form)
            case _:
                raise RequestRefused(404, f"there is no {target.collection.removesuffix('s')} with this id")

    def _reader(self, asked: Parameters) -> Reader:
        """Who reads. Raises RequestRefused for whoever may not, or not so often."""
        caller, public = _caller(self._server, asked), self._server.public
        if caller is None and not public:
            raise RequestRefused(403, "an api_key is needed: what was reported is not open to everybody here")
        if caller is None and (wait := self._server.wait_s()):
            raise RequestRefused(429, "too many requests without an api_key: come back later", retry_after=wait)
        return Reader(own=None if caller is None else caller.id, public=public, listed=self._listed)

    def _discovery(self) -> dict[str, Any]:
        server, city, room = self._server, self._city.name, self._city.room_name
        base, changed = server.address or request.host_url.rstrip("/"), written(server.changed_at, self._city.zone)
        endpoint = {
            "specification": SPECIFICATION,
            "url": f"{base}/open311/{VERSION}",
            "changeset": changed,
            "type": "production" if server.room.kind == "real" else "test",
            "formats": list(TYPES.values()),
        }
        return {
            "changeset": changed,
            "contact": text("open311.contact", self._language, address=base, city=city, room=room),
            "key_service": text("open311.key_service", self._language, city=city, room=room),
            "endpoints": [endpoint],
        }

    def _services(self) -> list[dict[str, Any]]:
        return [self._service(one) for one in self._city.categories.values()]

    def _service(self, category: Category) -> dict[str, Any]:
        group = self._city.groups.get(category.group)
        return {
            "service_code": category.key,
            "service_name": category.label_in(self._language),
            "description": None,
            "metadata": bool(category.attributes),
            "type": "realtime",
            "keywords": ", ".join(category.keywords) or None,
            "group": None if group is None else group.label_in(self._language),
        }

    def _definition(self, code: str) -> dict[str, Any]:
        category = self._city.categories.get(self._city.category_key(code))
        if category is None:
            raise RequestRefused(404, "there is no service with this code")
        asked = [self._question(one, place) for place, one in enumerate(category.attributes, start=1)]
        return {"service_code": category.key, "attributes": asked}

    def _question(self, one: Attribute, place: int) -> dict[str, Any]:
        question = {
            "variable": True,
            "code": one.key,
            "datatype": one.datatype,
            "required": one.required,
            "datatype_description": one.hint_in(self._language),
            "order": place,
            "description": one.label_in(self._language),
        }
        values = [{"key": value.key, "name": value.label_in(self._language)} for value in one.values]
        return question | ({"values": values} if values else {})


# ---- writing ----


class _Posts:
    """``POST``."""

    def __init__(self, server: Open311Server) -> None:
        self._server = server
        self._city = server.room.city

    def answer(self, target: Target, under: bool) -> Response:
        """What was made of a form. Raises RequestRefused, Malformed, Unknown, Unavailable and faults of a body."""
        posts = under and target.collection in POSTED and not target.key
        if not posts and target.collection in COLLECTIONS:
            return _wrong_method(target)
        asked = Parameters(self._form(), request.args)
        caller = _caller(self._server, asked)
        if caller is None:
            raise RequestRefused(403, NO_KEY)
        if not posts:
            raise RequestRefused(404, "there is nothing at this address")
        if caller.paused:
            raise RequestRefused(503, "nothing is taken from this app just now", retry_after=PAUSED_AGAIN)
        _check_jurisdiction(self._city, asked)
        if target.collection == "requests":
            return self._report(asked, caller, target)
        return self._update(asked, caller, target)

    def _form(self) -> MultiDict[str, str]:
        """The fields; of a body that cannot be read a key elsewhere is looked at first, and one that is missing."""
        try:
            return read_form(request)
        except RequestRefused:
            keyed = _caller(self._server, Parameters(request.args)) is not None
            if not keyed and request.mimetype not in FORMS:
                raise RequestRefused(403, NO_KEY) from None
            raise

    def _report(self, asked: Parameters, caller: Caller, target: Target) -> Response:
        report = report_from(asked, self._city, caller.now, self._server.room.kind)
        device = (asked.one("device_id", "deviceid") or "", asked.one("account_id") or "")
        with self._server.gate.passing(1):
            done = self._server.apps.take(report, caller.id, device)
        self._server.counts.count(caller.id, Tally(accepted=1) if done.created else Tally(known=1))
        notice = text("open311.notice", self._city.languages[0], number=done.number)
        row = {"service_request_id": done.id, "service_notice": notice, "account_id": None}
        return document("service_requests", [row], target.form, 201 if done.created else 200)

    def _update(self, asked: Parameters, caller: Caller, target: Target) -> Response:
        update = update_from(asked, self._city)
        if not known_ids((update.complaint,)):
            raise Unknown(update.complaint)
        with self._server.gate.passing(1):
            self._server.apps.update(update, caller.id)
        return document("service_request_updates", [{"update_id": update.id}], target.form)


# ---- from a form to a report; knows no HTTP and no database ----


def report_from(asked: Parameters, city: City, now: datetime, kind: str) -> Report:
    """The report of a form, its number still open. Raises RequestRefused, and Malformed for one field."""
    code = asked.one("service_code")
    if code is None:
        raise RequestRefused(400, "service_code is required")
    category = city.categories.get(city.category_key(code))
    if category is None:
        raise RequestRefused(404, f"there is no service {code[:80]!r}")
    said: dict[str, Any] = {"source_id": "-", "category": category.key, "channel": CHANNEL, **_location(asked)}
    description = "\n".join(asked.each("description")[:1]).replace("\r\n", "\n")
    answers = _answers(asked, category, city)
    if description and answers and len(description) + sum(map(len, answers)) + len(answers) > TEXT_MAX:
        raise RequestRefused(400, f"description and attributes may have at most {TEXT_MAX} characters together")
    said["description"] = "\n".join(part for part in (description, *answers) if part)
    name = " ".join(part for part in (asked.one("first_name"), asked.one("last_name")) if part)
    said["person"] = {"name": name or None, "phone": asked.one("phone"), "email": asked.one("email")}
    said["media"] = asked.each("media_url")
    return report_of(said, now, kind)


def _location(asked: Parameters) -> dict[str, Any]:
    """The place by coordinates, else by words; the words are kept beside coordinates too."""
    words = [one for one in (asked.one("address_string"), asked.one("address_id")) if one]
    address = ", ".join(one for one in words if not one.startswith(MARKER))
    degrees = {name: asked.one(name) for name in ("lat", "long")}
    if not any(degrees.values()):
        if not address:
            raise RequestRefused(400, "a location is required: lat and long, address_string or address_id")
        return {"address": address}
    faults = [f"{name} is required beside the other one" for name, said in degrees.items() if said is None]
    read = {name: number_of(said) for name, said in degrees.items() if said is not None}
    faults += [f"{name} must be a decimal number with a point" for name, found in read.items() if found is None]
    if faults:
        raise RequestRefused(400, *faults)
    return {"address": address, "lat": read["lat"], "lon": read["long"]}


def _answers(asked: Parameters, category: Category, city: City) -> list[str]:
    """A line for each attribute, those that the category does not ask for under their own codes."""
    given, language = asked.attributes(), city.languages[0]
    faults, lines = [], []
    if len(given) > MOST_ATTRIBUTES:
        raise RequestRefused(400, f"at most {MOST_ATTRIBUTES} attributes are taken")
    for one in category.attributes:
        said = given.pop(one.key, [])
        fault = _fault_of(one, said, city)
        if fault is not None:
            faults.append(f"attribute[{one.key}] {fault}")
        elif said:
            names = {value.key: value.label_in(language) for value in one.values}
            lines.append(f"{one.label_in(language)}: {', '.join(names.get(part, part) for part in said)}")
    if faults:
        raise RequestRefused(400, *faults)
    return [*lines, *(f"{code}: {', '.join(said)}" for code, said in given.items())]


def _fault_of(one: Attribute, said: list[str], city: City) -> str | None:
    """What is wrong with the answer to a question, None when nothing is."""
    if not said:
        return "is required" if one.required else None
    if len(said) > 1 and one.datatype != "multivaluelist":
        return "takes one value"
    if one.datatype in LISTS:
        known = {value.key for value in one.values}
        odd = next((part for part in said if part not in known), None)
        return None if odd is None else f"has no value {odd[:80]!r}"
    if one.datatype == "number":
        return "must be a decimal number with a point" if number_of(said[0]) is None else None
    if one.datatype == "datetime":
        try:
            time_of(said[0], city.zone)
        except ValueError as error:
            return str(error)
    return None


def update_from(asked: Parameters, city: City) -> AppUpdate:
    """The update of a form; names, telephone and e-mail address in it are not kept. Raises RequestRefused."""
    faults = [
        f"{name} is required" for name in ("service_request_id", "update_id", "status") if asked.one(name) is None
    ]
    faults += [
        f"{name} may have at most {LONGEST_ID} characters"
        for name in ("update_id", "status")
        if len(asked.one(name) or "") > LONGEST_ID
    ]
    if (at := asked.one("updated_datetime")) is not None:
        try:
            time_of(at, city.zone)
        except ValueError as error:
            faults.append(f"updated_datetime {error}")
    status = (asked.one("status") or "").upper()
    words = _words(asked, status)
    if not words:
        faults.append("description is required")
    if len(words) > TEXT_MAX:
        faults.append(f"description may have at most {TEXT_MAX} characters")
    if "\0" in words:
        faults.append("description must not contain NUL")
    if faults:
        raise RequestRefused(400, *faults)
    return AppUpdate(
        id=asked.one("update_id") or "",
        complaint=asked.one("service_request_id") or "",
        words=words,
        open=status in SAYS_OPEN,
    )


def _words(asked: Parameters, status: str) -> str:
    """What an update says, with its state where that is more than that the matter is open."""
    state = "" if status in SAYS_NOTHING else f"[{status}]"
    said = " ".join(part for part in (state, asked.one("description")) if part)
    return "\n".join(part for part in (said, *asked.each("media_url")) if part)
