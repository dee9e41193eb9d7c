"""A drill room that has lived a week and whose time stands: furnished once, then copied for each state and served.

The states are those of the room: calm, a flood of alarms in force, a visit. Since no time passes in it a flood never
ends, and the same pages show the same things for as long as somebody looks at them.
"""

import shutil
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from ingest.drill.driver import PACKS, Drill
from ingest.drill.script import read_script
from liveroom.accounts.links import add_link, agency_links, key_of
from liveroom.accounts.second_factor import Seal, begin_half, new_recovery_codes, new_secret
from liveroom.accounts.sessions import Sessions
from liveroom.accounts.users import Person
from liveroom.domain.complaints.intake import Reporter
from liveroom.domain.requests import OF_AGENCIES, OF_PEOPLE, Role
from liveroom.room.commands.users import UserActs, invite, set_factor
from liveroom.runtime.config import Config, load_config
from tests.rooms.city import wib
from tests.rooms.packs import city
from tests.rooms.screens import StandingScreens
from tests.rooms.staffed import PASSWORD, hash_of_the_password
from tests.rooms.standing import PLACE, StandingRoom
from tests.rooms.standing_office import StandingOffice
from tests.rooms.tables import migrated_file
from tests.services.server import ROOT, Server

NOW = wib("24 10:00")  # a Tuesday
# Chromium takes every name under localhost to this machine, and a page there may do what a page with https may. The
# room trusts loopback by its own names alone, so that who comes by this one is who they show to be.
NAME = "ruang.localhost"
CITY, AGENCY = "tangerang", "dpupr"
A_DAY = 60
# Real seconds within which a source has to be heard: as long as may be for those that nobody plays here.
SELDOM, OFTEN = 86_400, 1
SCREEN = "dinding"
# More than ten in ten minutes at one desk are a flood (CR-25).
FLOOD = 14


class RoomState(StrEnum):
    """What holds for the whole room; ``EMPTY`` is a drill on its first day, without people."""

    CALM = "calm"
    FLOOD = "flood"
    VISIT = "visit"
    EMPTY = "empty"


@dataclass(kw_only=True)
class Known:
    """Who and what is in the room: ids by name, tokens by what they open."""

    ids: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    screen: str = ""

    def words(self) -> dict[str, str]:
        """All of it by names that an address can hold."""
        return self.ids | {f"link_{name}": token for name, token in self.links.items()}


def furnish(folder: Path) -> Known:
    """The room in that folder, with something of everything in it."""
    migrated_file(folder / "drill.db")
    room, known = StandingRoom(address(folder), kind="drill", at=NOW), Known()
    try:
        _live(room)
        _complaints(room, known)
        _outbox(room)
        _machines(room, known)
        _alarms(room, known)
        _people(room, folder, known)
        room.later(seconds=5).tick()
    finally:
        room.close()
    return known


def address(folder: Path) -> str:
    """The database of the drill in a folder."""
    return f"sqlite:///{folder / 'drill.db'}"


def _live(room: StandingRoom) -> None:
    """A week of small days; one source has not been heard for long."""
    whole = read_script(PACKS / CITY, city(CITY))
    heard = tuple(replace(one, every=SELDOM if n else OFTEN) for n, one in enumerate(whole.channels))
    script = replace(whole, per_day=A_DAY, emergencies=3, clusters=(), burst=None, channels=heard)
    drill = Drill(room.room, room.sources, city(CITY), 3671, script)
    drill.register()
    room.room.live(lambda past: drill.live(past, weeks=1, until=NOW, note=lambda _left: None))


def _complaints(room: StandingRoom, known: Known) -> None:
    """One complaint in each state that a page tells apart, of citizens who hold a link to it."""
    who = Reporter(name="Ratna Dewi", phone="081234567890", email="ratna@surat.example")
    for name in ("new", "asked", "forwarded", "working", "proved", "done", "held", "referred", "rejected", "merged"):
        said = {"description": f"Lubang dalam di depan pasar, {name}", "address": "Jl. Daan Mogot 12", "person": who}
        known.ids[name] = room.receive(f"W-{name}", channel="lapor", **said)
        token = known.links[name] = f"link-of-{name}".ljust(43, "x")
        room.log.touch(lambda c, token=token, id_=known.ids[name]: add_link(c, token, id_))
    known.ids["private"] = room.receive("W-private", category="kekerasan", description="rahasia", person=who)
    ids, soon = known.ids, (room.now + timedelta(hours=4)).isoformat()
    room.execute("ask", ids["asked"], by="duty", text="Di sebelah mana?")
    for name in ("forwarded", "working", "proved", "done", "held"):
        room.execute("forward", ids[name], by="duty", agency=AGENCY)
    room.execute("comment", ids["forwarded"], by="leadership", text="Mengapa lama?", answer_by=soon)
    for name in ("working", "proved", "done", "held"):
        room.do_all(ids[name], "accept", "start")
    room.execute("hold", ids["held"], reason="menunggu alat", until=soon)
    for name in ("proved", "done"):
        room.execute("submit_proof", ids[name], by="agency", note="ditambal", media=["https://foto.example/1.jpg"])
    room.execute("validate", ids["done"], by="duty")
    room.execute("reply", ids["done"], by="duty", text="Sudah ditambal kemarin")
    room.execute("refer_outside", ids["referred"], by="duty", outside="bbws", reason="sungai balai")
    room.execute("reject", ids["rejected"], by="duty", reason="laporan palsu")
    room.execute("merge", ids["merged"], by="duty", into=ids["working"])


def _alarms(room: StandingRoom, known: Known) -> None:
    """Too few for a flood: nobody answers one, others are taken, shelved, suppressed and out of service."""
    for name in ("fire", "taken", "shelved", "suppressed", "out"):
        known.ids[name] = room.receive(f"F-{name}", category="kebakaran", address="Jl. Merdeka 4")
    soon = {"reason": "tim di jalan", "until": (room.now + timedelta(minutes=20)).isoformat()}
    review = {"reason": "rusak", "review_at": (room.now + timedelta(hours=20)).isoformat()}

    def give(name: str, of: str, **fields: object) -> None:
        room.execute(name, f"critical:{known.ids[of]}", by="supervisor", about="alarm", **fields)

    give("acknowledge", "taken")
    give("acknowledge", "shelved")
    give("shelve", "shelved", **soon)
    give("suppress", "suppressed", rule="maintenance", **soon)
    give("out_of_service", "out", **review)


def _outbox(room: StandingRoom) -> None:
    """Letters that wait, and some that did not get through for so long that they are stuck."""
    office, routes = StandingOffice(room), room.room.routes
    for _ in range(3):
        office.forwarded()
    for _ in range(2):
        office.go_round(away=True, minutes=20)
    room.room.routes = routes


def _machines(room: StandingRoom, known: Known) -> None:
    """Two screens, one of them taken away again."""
    screens = StandingScreens(room)
    known.screen = "secret of the wall".replace(" ", "-").ljust(43, "x")
    screens.pair("Dinding", secret=known.screen)
    screens.pair("Lobi")
    screens.order("revoke", "lobi")
    screens.hear(SCREEN)


def _people(room: StandingRoom, folder: Path, known: Known) -> None:
    """One of every role with a second step, and somebody new who still has neither that nor a password."""
    staff, kept = UserActs(room.room, "command-line"), hash_of_the_password(PASSWORD)
    seal = Seal(key_of(config_of(folder)))
    for role in OF_PEOPLE:
        name = actor_of(role)
        agency = AGENCY if role in OF_AGENCIES else None
        staff.add(Person(actor=name, name=f"Si {role.value.title()}", role=role, agency=agency), kept)
        sealed = seal.close(name, new_secret())
        room.room.unit(lambda work, who=name, key=sealed: set_factor(work, who, key, 1, new_recovery_codes()))
    staff.add(Person(actor="tamu", name="Tamu Baru", role=Role.DUTY, agency=None), kept)
    staff.add(Person(actor="lupa", name="Si Lupa", role=Role.DUTY, agency=None), kept)
    known.links["password"] = room.room.unit(lambda work: invite(work, "lupa", actor_of(Role.ADMIN)))


def actor_of(role: Role) -> str:
    """The name by which the person of a role logs in."""
    return f"si-{role.value.replace('_', '-')}"


def config_of(folder: Path, *, proxied: bool = False) -> Config:
    """The configuration by which the room in a folder is served; its file is written when it is first asked for.

    ``proxied``: it trusts no loopback, so that even a drill needs a first admin.
    """
    file = folder / "config.yaml"
    if not file.exists():
        server = f"{{hosts: [{NAME}], behind_proxy: {str(proxied).lower()}}}"
        file.write_text(f"city: {CITY}\ncities: {ROOT / 'cities'}\nserver: {server}\npublic: {{map: true}}\n")
    return load_config(file, {"LIVEROOM_DATA_DIR": str(folder)})


class PracticeRoom:
    """A copy of the furnished room, brought into a state and served: ``here`` on loopback, ``afar`` by its name.

    ``known`` is what was furnished, None for a room on its first day.
    """

    def __init__(self, folder: Path, state: RoomState, furnished: Path | None, known: Known | None = None) -> None:
        self.state, self.known = state, known or Known()
        if furnished is None:
            folder.mkdir(parents=True)
            migrated_file(folder / "drill.db")
        else:
            shutil.copytree(furnished, folder)
        self._config = config_of(folder, proxied=furnished is None)
        self._room = StandingRoom(address(folder), kind="drill", at=NOW, names_from=10_000)
        self._bring()
        env = {"LIVEROOM_CONFIG": str(folder / "config.yaml")}
        # A web process alone plays no citizens; what it says of the time is as fresh as a clock's last pulse.
        self._clock = Server("clock", "--drill", data=folder, env=env).start(ready=False)
        self._web = Server("web", "--drill", data=folder, env=env).start()
        self.here, self.afar = self._web.url, f"http://{NAME}:{self._web.port}"

    def _bring(self) -> None:
        room = self._room
        if self.state is RoomState.FLOOD:
            for number in range(FLOOD):
                room.receive(f"X-{number}", category="kebakaran", address=f"Jl. Merdeka {number}")
            room.tick()
        if self.state is RoomState.VISIT:
            room.execute("begin_visit", "room", about="room", by="supervisor", welcome="Selamat datang")

    def session(self, role: Role) -> str:
        """The token of a log-in that begins now."""
        return Sessions(self._room.log, self._config.sessions.limits()).begin(actor_of(role))

    def half_log_in(self, actor: str) -> str:
        """The token of somebody whose password was right."""
        return self._room.log.touch(lambda c: begin_half(c, actor))

    def agency_link(self, name: str) -> str:
        """The path by which an e-mail leads the agency to the complaint of that name."""
        links = agency_links(self._config, self._room.head().epoch, "drill")
        id_ = self.known.ids[name]
        return f"/agency/c/{id_}?k={links.token(AGENCY, id_, self._room.now)}"

    def area(self) -> str:
        """The path of the public map's list of the area in which the furnished complaints lie."""
        where = self._room.room.city.locate(PLACE["lat"], PLACE["lon"])
        return f"/lapor/peta?area={where}"

    def first_admin_link(self) -> str:
        """The path that the start has printed for the first admin of a room without people."""
        return "/setup" + self._web.log().partition("/setup")[2].split()[0]

    def close(self) -> None:
        """End its processes."""
        for one in (self._web, self._clock):
            if one.process.running:
                one.kill()
        self._room.close()
