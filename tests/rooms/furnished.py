"""A room with something of everything in it, and who may come to its doors with what they carry."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import msgspec
import pytest
from argon2 import PasswordHasher
from flask import Flask
from werkzeug.test import run_wsgi_app

from app import Web, web_app
from display.auth.visitor import FORM_COOKIE, LOGIN_FORM, SECURE_SESSION_COOKIE, csrf_of
from liveroom.accounts import credentials
from liveroom.accounts.credentials import hash_password
from liveroom.accounts.links import agency_links, citizen_links, tickets
from liveroom.accounts.screens import Screens
from liveroom.accounts.sessions import Sessions
from liveroom.accounts.users import Person
from liveroom.domain.complaints.intake import Report, Reporter
from liveroom.domain.requests import OF_AGENCIES, OF_PEOPLE, Command
from liveroom.log import schema
from liveroom.log.event_log import read_head
from liveroom.media.uploads import UploadPipeline
from liveroom.room.bootstrap import OpenRoom, Start, open_room
from liveroom.room.commands.citizens import CitizenCommands
from liveroom.room.commands.users import UserActs, invite
from liveroom.runtime.config import OPENID_SECRET, OpenIdSettings, ServerSettings, load_config
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.rooms.call import Answer, Call
from tests.rooms.staffed import NAME, PASSWORD, PROXY

ROOT = Path(__file__).resolve().parents[2]
AGENCIES = ("dpupr", "dlh")
COMPLAINTS = 14
Headers = Mapping[str, str]


class Mortal(ThreadRuntime):
    """Threads that end with their room: a walk opens one room after another."""

    def __init__(self) -> None:
        super().__init__()
        self.over = threading.Event()

    def sleep(self, seconds: float) -> None:
        """Sleep; a thread that wakes in a room that is closed ends."""
        if self.over.wait(seconds):
            raise SystemExit

    def spawn(self, work: Callable[..., object], *args: object) -> None:
        """Run ``work`` in a daemon thread that may end so."""

        def run() -> None:
            with suppress(SystemExit):
                work(*args)

        super().spawn(run)


@dataclass(kw_only=True)
class Known:
    """What is in the room, as words that a call may be made of: ids by kind, and each visitor's headers."""

    ids: dict[str, list[str]] = field(default_factory=dict)
    visitors: dict[str, Headers] = field(default_factory=dict)
    tokens: dict[str, list[str]] = field(default_factory=dict)


class SoakRoom:
    """``ask`` sends one call to the app in this process; ``known`` is what the calls are made of.

    ``here`` and ``afar``: the app as its own machine and as the world behind the proxy reach it.
    """

    def __init__(self, folder: Path, *, kind: str, database: str = "") -> None:
        self._runtime = Mortal()
        env = {"LIVEROOM_DATA_DIR": str(folder)} | ({"LIVEROOM_DATABASE_URL": database} if database else {})
        base = load_config(ROOT / "config.yaml", env)
        self.opened: OpenRoom = open_room(base, self._runtime, Start(kind=kind, city=base.city))
        self.kind = kind
        openid = OpenIdSettings(issuer="http://127.0.0.1:1", client_id="liveroom")
        afar = msgspec.structs.replace(base, server=PROXY, openid=openid, city=self.opened.head.city)
        here = msgspec.structs.replace(afar, server=ServerSettings())
        self.config = afar
        with patch.dict("os.environ", {OPENID_SECRET: "a secret"}):
            self.afar: Web = web_app(afar, self.opened, self._runtime, lambda: False)
            self.here: Web = web_app(here, self.opened, self._runtime, lambda: False)
        self.known = _furnished(self, UploadPipeline(self.opened.room, base.media, folder, self._runtime))

    @property
    def flask(self) -> Flask:
        """The application itself, for its routes."""
        return self.afar.wsgi._app.flask_app  # type: ignore[attr-defined,no-any-return]

    @property
    def seq(self) -> int:
        """The end of the log."""
        return self.opened.room.log.read(read_head).seq

    def ask(self, call: Call) -> Answer:
        """The answer of the app, the doorkeeper before it included."""
        local = call.visitor == "loopback"
        headers = {**self.headers_of(call.visitor), **call.headers}
        headers.setdefault("Host", "127.0.0.1:8000" if local else NAME)
        wsgi = (self.here if local else self.afar).wsgi
        environ = call.environ(headers, "http" if local else "https")
        parts, status, told = run_wsgi_app(wsgi, environ, buffered=True)
        return Answer(status=int(status[:3]), headers=dict(told.items()), body=b"".join(parts))

    def headers_of(self, visitor: str) -> Headers:
        """What this visitor's requests bear."""
        own = self.known.visitors.get(visitor, {})
        return own if visitor == "loopback" else {"X-Forwarded-Proto": "https", **own}

    def close(self) -> None:
        """End its threads."""
        self._runtime.over.set()


def _furnished(room: SoakRoom, uploading: UploadPipeline) -> Known:
    """Complaints in every state, alarms, screens, people, files, deliveries, tickets and links."""
    known = Known()
    _people(room, known)
    _machines(room, known)
    _complaints(room, known)
    _files(room, known, uploading)
    _links(room, known, uploading)
    for kind, table in (("alarm", "alarm"), ("outbox", "outbox")):
        ids = room.opened.room.log.read(
            lambda c, t=table: c.execute(schema.metadata.tables[t].select()).mappings().all()
        )
        known.ids[kind] = [str(one["id"]) for one in ids][:20]
    known.visitors |= {"nobody": {}, "loopback": {}, "garbage": {"Authorization": "Bearer \u00e9\u00ff\x7f"}}
    return known


def _people(room: SoakRoom, known: Known) -> None:
    staff, sessions = (
        UserActs(room.opened.room, "command-line"),
        Sessions(room.opened.room.log, room.config.sessions.limits()),
    )
    cheap = hash_password(PASSWORD)
    for role in OF_PEOPLE:
        name = f"si-{role.value}"
        who = Person(actor=name, name=name.title(), role=role, agency=AGENCIES[0] if role in OF_AGENCIES else None)
        staff.add(who, cheap)
        known.visitors[f"token of {role.value}"] = {"Authorization": f"Bearer {staff.give_token(name)}"}
        session = sessions.begin(name, instead_of=None)
        page = {"Cookie": f"{SECURE_SESSION_COOKIE}={session}", "X-CSRF-Token": csrf_of(session)}
        known.visitors[f"log-in of {role.value}"] = page
    # Whom orders may be about, so that those above stay who they are.
    for number in range(6):
        staff.add(Person(actor=f"tamu-{number}", name=f"Tamu {number}", role=OF_PEOPLE[0], agency=None), cheap)
    known.ids["person"] = [f"tamu-{number}" for number in range(6)]
    link = room.opened.room.unit(lambda work: invite(work, "tamu-5", "admin"))
    known.tokens["password link"] = [link]
    known.visitors["password link"] = {
        "Cookie": f"liveroom_password={link}",
        "X-CSRF-Token": csrf_of(link, "password"),
    }
    known.visitors["before log-in"] = {"Cookie": f"{FORM_COOKIE}=before", "X-CSRF-Token": csrf_of("before", LOGIN_FORM)}


def _machines(room: SoakRoom, known: Known) -> None:
    log = room.opened.room.log
    screens = Screens(log)
    known.tokens["screen"] = [screens.add(f"dinding {n}", "wall") for n in range(3)]
    known.visitors["screen"] = {"Authorization": f"Bearer {known.tokens['screen'][0]}"}
    known.visitors["screen's cookie"] = {"Cookie": f"liveroom_screen={known.tokens['screen'][1]}"}
    known.visitors["source"] = {"Authorization": f"Bearer {room.opened.sources.add('telepon', None)}"}
    rows = log.read(lambda c: c.execute(schema.metadata.tables["screen"].select()).mappings().all())
    known.ids["screen"] = [str(one["id"]) for one in rows] + ["page/abcdefgh-1"]


def _complaints(room: SoakRoom, known: Known) -> None:
    house, ids = room.opened.room, list[str]()
    for number in range(COMPLAINTS):
        report = Report(
            source_id=f"L-{number}",
            category="jalan_rusak" if number % 3 else "sampah",
            description=f"Lubang dalam di depan pasar {number}",
            address="Jalan Merdeka 1",
            lat=-6.1781 + number / 1000,
            lon=106.6319,
            person=Reporter(name="Budi", phone="+6281234567890", email="budi@example.org"),
            priority="critical" if number % 4 == 0 else None,
            drill=room.kind == "drill",
        )
        ids.append(house.accept(report, source="telepon").id)
    for number, id_ in enumerate(ids[2:]):
        _go_on(room, id_, ("forward", "accept", "start", "submit_proof", "validate")[: number % 6])
    known.ids["complaint"] = ids


def _go_on(room: SoakRoom, id_: str, names: tuple[str, ...]) -> None:
    for name in names:
        role = "duty" if name in ("forward", "validate") else "agency"
        room.opened.room.execute(
            Command(
                command_id=f"{id_}-{name}",
                name=name,
                subject=id_,
                actor=f"si-{role}",
                role=role,
                actor_agency=AGENCIES[0] if role == "agency" else None,
                seen_seq=room.seq,
                fields={"agency": AGENCIES[0]} if name == "forward" else {},
            )
        )


def _files(room: SoakRoom, known: Known, uploading: UploadPipeline) -> None:
    made = tickets(room.config, room.opened.head.epoch)
    complaint, ids = known.ids["complaint"], list[str]()
    given = [made.give() for _ in range(4)]
    senders = ["loopback", "si-duty", f"link:{AGENCIES[0]}", "si-agency"]
    for n, by in enumerate(senders * 3):
        ids.append(uploading.begin(subject=complaint[n % COMPLAINTS], kind="proof", by=by, length=20 + n).id)
    for one in given:
        ticket = made.read(one)
        assert ticket is not None
        ids.append(uploading.begin(subject="", kind="report", by=ticket.sender, length=64).id)
    known.ids["upload"] = ids
    known.tokens["ticket"] = given
    known.visitors["citizen"] = {"X-Ticket": given[0]}


def _links(room: SoakRoom, known: Known, uploading: UploadPipeline) -> None:
    config, opened = room.config, room.opened
    signed = agency_links(config, opened.head.epoch, room.kind)
    complaints = known.ids["complaint"]
    with_agency = [one for n, one in enumerate(complaints[2:]) if n % 6]
    known.ids["linked"] = with_agency[:3]
    known.tokens["agency link"] = [signed.token(AGENCIES[0], one, opened.room.now()) for one in with_agency[:3]]
    for number, token in enumerate(known.tokens["agency link"]):
        known.visitors[f"agency's link {number}"] = {
            "Cookie": f"liveroom_link={token}",
            "X-CSRF-Token": csrf_of(token, "agency-link"),
        }
    letters, made = citizen_links(config, opened.head.epoch, room.kind), tickets(config, opened.head.epoch)
    citizens, links = CitizenCommands(opened.room, letters, uploading.register), list[str]()
    for number in range(4):
        ticket = made.read(made.give())
        assert ticket is not None
        report = Report(
            source_id="-", category="sampah", description=f"Sampah menumpuk {number}", area="", address="Pasar"
        )
        citizens.take(report, ticket, files=(), alike=None)
        links.append(ticket.token)
    known.tokens["citizen link"] = links
    for one in (one for one in opened.room.open_of("lapor")):
        known.ids["complaint"].append(one.id)
        _go_on(
            room, one.id, ("forward", "accept", "start", "submit_proof", "validate")[: len(known.ids["complaint"]) % 6]
        )


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoakRoom]:
    """A drill in this process; its passwords cost little."""
    dear, credentials._hasher = credentials._hasher, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    one = SoakRoom(tmp_path_factory.mktemp("furnished"), kind="drill")
    credentials._hasher = dear
    yield one
    one.close()
