"""A room with people in it, asked in this process as browsers and programs would ask it."""

import os
import re
import tempfile
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from unittest.mock import patch

import msgspec
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from werkzeug.test import Client, TestResponse

from app import Web, web_app
from liveroom.accounts.credentials import hash_password
from liveroom.accounts.screens import Screens
from liveroom.accounts.users import Person, Users
from liveroom.domain.requests import OF_AGENCIES, OF_PEOPLE, Role
from liveroom.room.bootstrap import OpenRoom, Start, open_room
from liveroom.room.commands.users import UserActs, invite
from liveroom.runtime.config import (
    OPENID_SECRET,
    Config,
    DatabaseSettings,
    MediaSettings,
    OpenIdSettings,
    ServerSettings,
    SessionSettings,
    load_config,
)
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.display.description.described import check_answer
from tests.rooms.tables import migrated_file

ROOT = Path(__file__).resolve().parents[2]
NAME = "ruang.kota.example"
PROXY = ServerSettings(behind_proxy=True, hosts=(NAME,))
AGENCY = "dpupr"
PASSWORD = "kata sandi yang panjang"
AFAR = {"Host": NAME, "X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
# To hash the one password costs most of a room, and is the same in every one.
hash_of_the_password = cache(hash_password)


@dataclass
class Browser:
    """`get` and `post` as one browser behind the proxy, with its cookies; it never follows by itself.

    What it is answered in JSON is held against the description of the interface.
    """

    client: Client
    headers: dict[str, str] = field(default_factory=lambda: dict(AFAR))

    def ask(self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: object) -> TestResponse:
        base = (
            f"https://{NAME}" if self.headers.get("X-Forwarded-Proto") == "https" else f"http://{self.headers['Host']}"
        )
        options = {"headers": {**self.headers, **(headers or {})}, "base_url": base, **more}
        answer = self.client.open(path, method=method, **options)
        if answer.is_json and answer.data:
            check_answer(method, path, answer.status_code, answer.get_json(silent=True))
        return answer

    def get(self, path: str, **more: object) -> TestResponse:
        return self.ask("GET", path, **more)  # type: ignore[arg-type]

    def post(self, path: str, **more: object) -> TestResponse:
        return self.ask("POST", path, **more)  # type: ignore[arg-type]

    def form(self, path: str = "/login") -> dict[str, str]:
        """The hidden fields of the log-in."""
        return dict(re.findall(r'name="(csrf_token|next)" value="([^"]*)"', self.get(path).text))

    def log_in(self, name: str, password: str = PASSWORD, path: str = "/login", **more: str) -> TestResponse:
        return self.post("/login", data={**self.form(path), "username": name, "password": password, **more})

    def csrf(self) -> dict[str, str]:
        """The header that a page of this log-in would send."""
        shown = re.search(r'"csrf":"([^"]+)"', self.get("/desk/alarms").text)
        assert shown, "no page told the value"
        return {"X-CSRF-Token": shown[1]}


class People:
    """The people, screens and sources of the room in a folder."""

    def __init__(self, folder: Path, kind: str = "real", database: str = "", city: str = "tangerang") -> None:
        where = {"LIVEROOM_DATA_DIR": str(folder), "LIVEROOM_DATABASE_URL": database, "LIVEROOM_CITY": city}
        config = load_config(ROOT / "config.yaml", where)
        if not database and not (file := folder / f"{kind}.db").exists():
            migrated_file(file)
        self.opened: OpenRoom = open_room(config, ThreadRuntime(), Start(kind=kind, city=config.city))
        self.log = self.opened.room.log
        self.users, self.screens = Users(self.log), Screens(self.log)
        self.staff = UserActs(self.opened.room, "command-line")

    def add(self, name: str, role: Role = Role.DUTY) -> Person:
        """A person with the one password of these tests."""
        who = Person(actor=name, name=name.title(), role=role, agency=AGENCY if role in OF_AGENCIES else None)
        self.staff.add(who, hash_of_the_password(PASSWORD))
        return who

    def invite(self, name: str) -> str:
        """Void a person's password, as an admin does; the token of the link to choose another."""
        return self.opened.room.unit(lambda work: invite(work, name, "admin"))

    def one_of_each(self) -> dict[str, str]:
        """A person of every role; their personal tokens by role."""
        for role in OF_PEOPLE:
            self.add(f"si-{role.value}", role)
        return {role.value: self.staff.give_token(f"si-{role.value}") for role in OF_PEOPLE}


def flask_of(web: Web) -> Flask:
    """The application under its doorkeeper."""
    return web.wsgi._app.flask_app  # type: ignore[attr-defined,no-any-return]


@cache
def templates_compiled_once() -> FileSystemBytecodeCache:
    """What all rooms of a test run keep of their templates."""
    return FileSystemBytecodeCache(tempfile.mkdtemp(prefix="liveroom-templates-"))


class House(People):
    """The same, served in this process behind a proxy."""

    def __init__(
        self,
        folder: Path,
        *,
        kind: str = "real",
        sessions: SessionSettings | None = None,
        openid: OpenIdSettings | None = None,
        database: str = "",
        media: MediaSettings | None = None,
        city: str = "tangerang",
    ) -> None:
        super().__init__(folder, kind, database, city)
        self.config = Config(
            city=self.opened.head.city,
            data_dir=str(folder),
            server=PROXY,
            database=DatabaseSettings(url=database),
            sessions=sessions or SessionSettings(),
            openid=openid or OpenIdSettings(),
            media=media or MediaSettings(),
        )
        self._here: dict[bool, Web] = {}

    @cached_property
    def web(self) -> Web:
        """What answers behind the proxy, wired when it is first asked for."""
        return self._wired(self.config)

    def _wired(self, config: Config) -> Web:
        # Each would start a process to tell how strangers' files are looked into here, which tests/media tries.
        with patch("app.announce", lambda *_: None):
            web = web_app(config, self.opened, ThreadRuntime(), lambda: False)
        flask_of(web).jinja_env.bytecode_cache = templates_compiled_once()
        return web

    @property
    def app(self) -> Flask:
        """The application under its doorkeeper."""
        return flask_of(self.web)

    def browser(self) -> Browser:
        return Browser(Client(self.web.wsgi, TestResponse))

    def here(self, *, trusted: bool = True) -> Browser:
        """A browser on the server's own machine, with no proxy configured; a real room trusts it if told to."""
        if trusted not in self._here:
            config = msgspec.structs.replace(self.config, server=ServerSettings(trust_loopback=trusted))
            self._here[trusted] = self._wired(config)
        wsgi = self._here[trusted].wsgi
        client = Client(lambda environ, respond: wsgi({**environ, "REMOTE_ADDR": "127.0.0.1"}, respond), TestResponse)
        return Browser(client, {"Host": "127.0.0.1:8000"})


def with_all_doors(folder: Path) -> House:
    """A room that has every route: with an OpenID provider, which is away."""
    with patch.dict(os.environ, {OPENID_SECRET: "a secret"}):
        house = House(folder, openid=OpenIdSettings(issuer="http://127.0.0.1:1", client_id="liveroom"))
        assert house.web
    return house
