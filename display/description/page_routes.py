"""What is known of the pages, of the routes behind citizens' and agencies' links, and of the tus server for files.

`NO_INTERFACE` lists, with the reason, what no program asks for: everything else is described.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any

from msgspec import Meta

from display.description import complaint_shapes as complaints
from display.description import room_shapes as rooms
from display.pages.agency import LINK_COMMANDS
from liveroom.domain.complaints.commands import SPECS
from liveroom.domain.fields import CODE_MAX
from liveroom.interface import (
    FORM,
    HTML,
    JSON,
    MEDIA,
    PROBLEM,
    Body,
    Chapter,
    Operation,
    Parameter,
    Reply,
    ok,
)
from liveroom.open_data.editions import MEDIA_TYPES

_LOGS_IN = "a form of our own pages that logs a person in, with a CSRF value of that page; programs bring a token"
_ACCOUNT = "a form of a person's own account, which refuses a program's token"
NO_INTERFACE: Mapping[str, str] = {
    "static": "files of our own pages, which change with each release",
    "bundles.file": "files of our own pages, which change with each release",
    "map_file.piece": "the map archive under our own maps, at an address that changes with it",
    "map_file.outlines_file": "the outlines under our own maps, at an address that changes with them",
    "lapor.worker": "the service worker of our own page",
    "lapor.manifest": "the manifest with which our own page is installed",
    "log_in.enter": _LOGS_IN,
    "practice.enter": _LOGS_IN,
    "openid.out": "the way to the city's provider, for browsers alone",
    "openid.back": "the way back from the city's provider, for browsers alone",
    "password.choose": _LOGS_IN,
    "setup.make": _LOGS_IN,
    "second_step.enter": _LOGS_IN,
    "second_step.enrol": _LOGS_IN,
    "account.factor": _ACCOUNT,
    "account.recovery": _ACCOUNT,
    "account.remove": _ACCOUNT,
    "account.password": _ACCOUNT,
    "session.leave": "ends the log-in of a browser",
}

# ---- pages ----

_LANGUAGE = Parameter(name="lang", shape=Annotated[str, Meta(max_length=64)])
# What a page is answered with: itself; a redirect to the log-in or to where it lies now; or a page that says why not.
_PAGE_ANSWERS: Mapping[int, Reply] = {
    200: Reply(media=(HTML,)),
    **{status: Reply(media=(HTML,)) for status in (303, 401, 403, 404, 503)},
}
_PAGES: Mapping[str, str] = {
    "pages.index": "/",
    "pages.wall": "/wall",
    "pages.province": "/province",
    "duty_desk.desk": "/desk",
    "alarm_desk.alarms": "/desk/alarms",
    "alarm_desk.alarm_health": "/desk/alarms/health",
    "handover_page.look": "/desk/handover",
    "import_page.imports": "/desk/import",
    "outbox_page.outbox_desk": "/desk/outbox",
    "users_page.people": "/desk/people",
    "screens_page.screens": "/desk/screens",
    "sources_page.sources": "/desk/sources",
    "agency_page.agency": "/agency",
    "agency_link.open": "/agency/c/{id}",
    "lead.lead": "/lead",
    "evaluation_page.page": "/evaluation",
    "lapor.page": "/lapor",
    "lapor.map": "/lapor/peta",
    "lapor.follow": "/lapor/s/{token}",
    "lapor.open_data": "/open-data",
    "interface.page": "/api",
    "log_in.page": "/login",
    "password.page": "/login/password",
    "second_step.page": "/login/code",
    "second_step.offer": "/login/factor",
    "account.page": "/account",
    "account.factor_form": "/account/factor",
    "account.recovery_form": "/account/recovery",
    "account.remove_form": "/account/remove",
    "account.password_form": "/account/password",
    "setup.page": "/setup",
}
_PARAMETERS: Mapping[str, tuple[Parameter, ...]] = {
    "pages.wall": (Parameter(name="scene"),),
    "lapor.map": (Parameter(name="area"),),
    "handover_page.look": (Parameter(name="seq"),),
}


def _pages() -> Iterator[Operation]:
    for endpoint, path in _PAGES.items():
        yield Operation(
            endpoint=endpoint,
            method="GET",
            path=path,
            group=Chapter.PAGES,
            answers=_PAGE_ANSWERS,
            query=(_LANGUAGE, *_PARAMETERS.get(endpoint, ())),
        )
    # A screen that has no token yet asks by these.
    yield Operation(
        endpoint="pairing.look", method="GET", path="/pair", group=Chapter.PAGES, answers=ok(rooms.PairingState)
    )
    yield Operation(
        endpoint="pairing.offer",
        method="POST",
        path="/pair",
        group=Chapter.PAGES,
        answers=ok(rooms.PairingState),
        errors=(429,),
    )


# ---- files: the tus server behind three doors ----

_TUS = Parameter(name="Tus-Resumable", shape={"type": "string", "enum": ["1.0.0"]}, where="header", required=True)
_LENGTH = Parameter(name="Upload-Length", shape=Annotated[int, Meta(ge=1)], where="header", required=True)
_OFFSET = Parameter(name="Upload-Offset", shape=Annotated[int, Meta(ge=0)], where="header", required=True)
_METADATA = Parameter(name="Upload-Metadata", where="header")
_CHUNK = Body(shape={"type": "string", "format": "binary"}, media=("application/offset+octet-stream",))
_TEXT_HEADER: Mapping[str, Any] = {"type": "string"}
_SAYS = {"Tus-Resumable": _TEXT_HEADER}
_BEGUN = Reply(headers={**_SAYS, "Location": _TEXT_HEADER, "Upload-Expires": _TEXT_HEADER})
_CREATE_ERRORS = (403, 404, 411, 412, 413, 422, 423, 429, 507)


def _tus(group: Chapter, root: str, doors: Mapping[str, str], state: Any) -> Iterator[Operation]:
    """The operations of the protocol below ``root``; ``doors``: the endpoints of create, speak, head and so on."""
    one = f"{root}/{{upload}}"

    def operation(door: str, method: str, path: str, answers: Mapping[int, Reply], **more: Any) -> Operation:
        word = f"tus_{door}"
        return Operation(
            endpoint=doors[door], method=method, path=path, group=group, answers=answers, word=word, **more
        )

    create = Body(shape=_CHUNK.shape, media=_CHUNK.media, required=False)
    yield operation(
        "create", "POST", root, {201: _BEGUN}, query=(_TUS, _LENGTH, _METADATA), body=create, errors=_CREATE_ERRORS
    )
    yield operation("speak", "OPTIONS", root, {204: Reply(headers={**_SAYS, "Tus-Max-Size": _TEXT_HEADER})})
    head = Reply(headers={**_SAYS, "Upload-Offset": _TEXT_HEADER, "Upload-Length": _TEXT_HEADER})
    yield operation("head", "HEAD", one, {200: head, 410: Reply(headers=_SAYS)}, query=(_TUS,), errors=(404, 412))
    yield operation(
        "patch",
        "PATCH",
        one,
        {204: Reply(headers={**_SAYS, "Upload-Offset": _TEXT_HEADER})},
        query=(_TUS, _OFFSET),
        body=_CHUNK,
        errors=(404, 409, 410, 411, 412, 413, 415, 423, 507),
    )
    yield operation("delete", "DELETE", one, {204: Reply(headers=_SAYS)}, query=(_TUS,), errors=(404, 409, 412))
    yield operation("state", "GET", f"{one}/state", ok(state), errors=(404,))


def _picture(endpoint: str, path: str, group: Chapter, copies: tuple[str, ...]) -> Operation:
    """A copy of a picture or film, whole or a range of it."""
    content = Reply(media=MEDIA)
    return Operation(
        endpoint=endpoint,
        method="GET",
        path=path,
        group=group,
        word="picture",
        answers={200: content, 206: content},
        places={"copy": {"type": "string", "enum": list(copies)}},
        query=(Parameter(name="Range", where="header", shape=Annotated[str, Meta(max_length=64)]),),
        errors=(404,),
    )


_COPIES = ("thumb", "clean")


def _files() -> Iterator[Operation]:
    doors = {"create": "uploads.expect"} | {
        name: f"uploads.{name}" for name in ("speak", "head", "patch", "delete", "state")
    }
    yield from _tus(Chapter.FILES, "/api/v1/uploads", doors, complaints.PictureState)
    yield _picture("uploads.media", "/api/v1/media/{id}/{copy}", Chapter.FILES, (*_COPIES, "original"))


# ---- behind an agency's link to one complaint ----


def _links() -> Iterator[Operation]:
    root, group = "/agency/c/{id}", Chapter.LINKS
    yield Operation(
        endpoint="agency_link.data",
        method="GET",
        path=f"{root}/data",
        group=group,
        answers=ok(complaints.LinkedComplaint),
        errors=(404,),
    )
    for name in sorted(LINK_COMMANDS):
        spec = SPECS[name]
        fields = {one.name: one.schema for one in spec.fields}
        seen = {"type": "integer", "minimum": 0, "exclusiveMaximum": 1 << 53}
        envelope = {"command_id": {"type": "string", "minLength": 1, "maxLength": CODE_MAX}, "seen_seq": seen}
        writer = {"name": {"type": "string", "maxLength": 60}}
        body = {
            "title": f"{''.join(part.title() for part in name.split('_'))}ByLink",
            "type": "object",
            "properties": {**envelope, **writer, **fields},
            "required": ["command_id", "seen_seq", *(one.name for one in spec.fields if one.required)],
        }
        yield Operation(
            endpoint="agency_link.act",
            method="POST",
            path=f"{root}/{name}",
            group=group,
            id=f"link_{name}",
            word="command_link",
            fills={"name": name},
            answers=ok(complaints.CommandDone),
            body=Body(shape=body),
            errors=(404, 409),
        )
    doors = {"create": "agency_link.file", "speak": "agency_link.speak"} | {
        name: f"agency_link.file_{name}" for name in ("head", "patch", "delete", "state")
    }
    yield from _tus(group, f"{root}/uploads", doors, complaints.PictureState)
    yield _picture("agency_link.picture", f"{root}/media/{{picture}}/{{copy}}", group, _COPIES)


# ---- citizens ----

_FIELD: Mapping[str, Any] = {"type": "string"}
_FORM_FIELDS = (
    *("ticket", "category", "description", "address", "area", "lat", "lon", "name", "phone", "email"),
    *("files", "solution", "checked", "alike"),
)
_REPORT_FORM: Mapping[str, Any] = {
    "title": "CitizenReport",
    "type": "object",
    "properties": dict.fromkeys(_FORM_FIELDS, _FIELD),
    "required": ["ticket", "category"],
}
_POINT: Mapping[str, Any] = {
    "title": "PointForm",
    "type": "object",
    "properties": {"lat": _FIELD, "lon": _FIELD},
    "required": ["lat", "lon"],
}
_WORDS: Mapping[str, Any] = {
    "title": "CitizenWords",
    "type": "object",
    "properties": {"words": _FIELD, "score": {"type": "string", "enum": ["1", "2", "3", "4", "5"]}},
}
# As JSON for the page's script, else a page that says it in words.
_SAID = Reply(media=(PROBLEM, HTML))


def _citizens() -> Iterator[Operation]:
    group = Chapter.CITIZENS
    yield Operation(
        endpoint="lapor.send",
        method="POST",
        path="/lapor",
        group=group,
        answers={
            201: Reply(shape=rooms.ReportSent),
            303: Reply(media=(HTML,)),
            **{status: _SAID for status in (404, 409, 413, 415, 422, 429, 503)},
        },
        body=Body(shape=_REPORT_FORM, media=(FORM,)),
        plain=True,
    )
    yield Operation(
        endpoint="lapor.ticket",
        method="GET",
        path="/lapor/ticket",
        group=group,
        answers=ok(rooms.FormTicket),
        errors=(404,),
    )
    yield Operation(
        endpoint="lapor.area",
        method="POST",
        path="/lapor/area",
        group=group,
        answers=ok(rooms.AreaOfPoint),
        body=Body(shape=_POINT, media=(FORM,)),
        errors=(404, 413, 429),
    )
    for endpoint, path in (("lapor.outlines", "/lapor/outlines.json"), ("lapor.squares", "/lapor/peta.json")):
        # Of a shape of their own pages: GeoJSON, and squares with counts.
        answers = {200: Reply(shape={"type": "object"}), 404: Reply(media=(HTML,))}
        yield Operation(endpoint=endpoint, method="GET", path=path, group=group, answers=answers, query=(_LANGUAGE,))
    page = {status: Reply(media=(HTML,)) for status in (303, 404, 409, 413, 415, 422, 429, 503)}
    for name in ("answer", "rate", "reopen"):
        yield Operation(
            endpoint="lapor.act",
            method="POST",
            path=f"/lapor/s/{{token}}/{name}",
            group=group,
            id=f"citizen_{name}",
            word=f"citizen_{name}",
            answers=page,
            body=Body(shape=_WORDS, media=(FORM,)),
            own_errors=_SAID,
        )
    doors = {"create": "lapor.file", "speak": "lapor.speak"} | {
        name: f"lapor.file_{name}" for name in ("head", "patch", "delete", "state")
    }
    yield from _tus(group, "/lapor/files", doors, rooms.PublicUpload)
    # What is no picture here is said on a page, as the link itself is one.
    picture = _picture("lapor.picture", "/lapor/s/{token}/pictures/{id}/{copy}", group, _COPIES)
    yield replace(picture, answers={**picture.answers, 404: _SAID, 503: _SAID})


def _open_data() -> Iterator[Operation]:
    etag = {"ETag": _TEXT_HEADER}
    data = Reply(shape={"type": "object"}, media=(*MEDIA_TYPES.values(), JSON), headers=etag)
    yield Operation(
        endpoint="lapor.open_data_file",
        method="GET",
        path="/open-data/{name}",
        group=Chapter.CITIZENS,
        answers={
            200: data,
            206: Reply(media=("*/*",), headers=etag),
            304: Reply(headers=etag),
            404: Reply(media=(HTML,)),
        },
        query=(_LANGUAGE, Parameter(name="Range", where="header", shape=Annotated[str, Meta(max_length=64)])),
        errors=(416,),
    )


# ---- the description itself ----


def _itself() -> Iterator[Operation]:
    document = Reply(shape={"type": "object"}, headers={"ETag": _TEXT_HEADER})
    for name in ("openapi", "asyncapi"):
        yield Operation(
            endpoint=f"interface.{name}",
            method="GET",
            path=f"/api/{name}.json",
            group=Chapter.HEALTH,
            answers={200: document, 304: Reply()},
            plain=True,
        )


def operations() -> tuple[Operation, ...]:
    """Every operation of these routes."""
    return (*_pages(), *_files(), *_links(), *_citizens(), *_open_data(), *_itself())
