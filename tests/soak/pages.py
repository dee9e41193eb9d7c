"""Every page that people open: its route, how it is reached, which states of the room change it, and what opens in it.

Which kinds of visitors may open a page is not said here but read from docs/permissions.md, where every route is.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from liveroom.domain.room import GUESTS_SCENE, SCENES
from tests.rooms.practice_room import PracticeRoom

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"
# An app reads no page, and who holds the signed link of one complaint is no kind of the table.
APP, LINK, LOOPBACK, NOBODY, SCREEN = "source", "link", "loopback", "nobody", "screen"
# Kinds that are shown the same, the first of whom looks for all: who opens a page that asks nobody who they are, and
# whoever sees the walls as the control room does or as one agency does. A test compares what each of them is sent.
# An app's key and another room's: nobody looks at a page by them.
PROGRAMS = frozenset({APP, "room"})
EVERYBODY = (NOBODY, "duty", "supervisor", "agency", "agency_head", "leadership", "admin", SCREEN, LOOPBACK)
ROOM = (SCREEN, "duty", "supervisor", "leadership", "admin", LOOPBACK)
OFFICE = ("agency", "agency_head")


class Shown(StrEnum):
    """What a page shows: a room that is calm, flooded by alarms or visited, or data that comes no more."""

    CALM = "calm"
    FLOOD = "flood"
    VISIT = "visit"
    STALE = "stale"


# GET routes that answer with data, a file or a redirect; and open data, which a drill has none of.
NO_PAGES = re.compile(
    r"/(api|feed|hooks|static|map|open311|open-data)/.*|/open-data|/(healthz|metrics|pair)|/login/openid(/back)?|/agency/c/<subject>/.+"
    r"|/lapor/(files|s/<token>)/.+|/lapor/(ticket|worker\.js|outlines\.json|peta\.json|manifest\.webmanifest)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What opens in a page by hand: steps are (click, selector) or (press, key).

    ``calm``: looked at in a calm room alone, because no other state changes it. ``stays``: what follows opens in it.
    ``kinds``: who can open it, where that is not everybody on the page.
    """

    name: str
    steps: tuple[tuple[str, str], ...]
    stands: str
    calm: bool = False
    stays: bool = False
    kinds: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """``path``: with names of the room's ids, or told by the room. ``ready``: what stands once the page is whole.

    ``kinds``: who opens it, where that is not everybody whom the table lets in. ``shows``: what proves that a state has
    come to the page. ``unchanged``: why the states that are not looked at would show the same.
    ``alike``: the kinds that are shown the same, see EVERYBODY.
    ``refuses``: what somebody is shown whom the table does not let in.
    """

    name: str
    route: str
    path: str | Callable[[PracticeRoom], str]
    ready: str = "main"
    kinds: frozenset[str] | None = None
    shows: Mapping[Shown, str] = field(default_factory=dict)
    unchanged: Mapping[Shown, str] = field(default_factory=dict)
    views: tuple[View, ...] = ()
    cookies: Callable[[PracticeRoom], Mapping[str, str]] = lambda _room: {}
    alike: tuple[tuple[str, ...], ...] = ()
    refuses: bool = False

    def address(self, room: PracticeRoom) -> str:
        """The path in this room."""
        path = self.path
        return path.format(**room.known.words()) if isinstance(path, str) else path(room)

    def visitors(self, table: Mapping[str, frozenset[str]]) -> frozenset[str]:
        """The kinds of visitors that look at it, for others too where those are shown the same."""
        return self.all_of(table) - {kind for group in self.alike for kind in group[1:]}

    def all_of(self, table: Mapping[str, frozenset[str]]) -> frozenset[str]:
        """The kinds of visitors that are shown it."""
        return (table[self.route] if self.kinds is None else self.kinds) - PROGRAMS


def routes() -> dict[str, frozenset[str]]:
    """The kinds that docs/permissions.md lets in, by GET route."""
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    head = next(row for row in rows if row[0] == "route")
    kinds = head[1:-1]
    return {
        row[0].strip("`").removeprefix("GET "): frozenset(
            kind for kind, ticked in zip(kinds, row[1:-1], strict=True) if ticked == "✓"
        )
        for row in rows
        if row[0].startswith("`GET ")
    }


_LEADERS = frozenset({"supervisor", "admin", LOOPBACK})
LIVE, LISTED = 'html[data-freshness="live"]', 'html[data-listed="true"]'
LOST = 'html[data-freshness="lost"]'
RECORDED = 'html[data-freshness="recorded"][data-seq="1"]'
GUESTS = 'html[data-guests="true"]'
_SERVED = "it is served once, without the feed: what is on it does not follow the room"
STILL: Mapping[Shown, str] = dict.fromkeys((Shown.FLOOD, Shown.VISIT, Shown.STALE), _SERVED)
_COUNTED = "it counts what happened in a period: what the room shows just now is not on it, and it asks once"
NO_FLOOD = {Shown.FLOOD: "its list is not about alarms"}


def _key(name: str, key: str, stands: str, *, calm: bool = True) -> View:
    return View(name=name, steps=(("press", key),), stands=stands, calm=calm)


def _dialog(name: str) -> str:
    return f'dialog[data-dialog="{name}"][open]'


_OWN_WORK: Mapping[Shown, str] = dict.fromkeys(
    (Shown.FLOOD, Shown.VISIT), "an agency is sent its own work: neither floods nor visits of the room"
)


_IS_WALL: Mapping[Shown, str] = dict.fromkeys(
    (Shown.FLOOD, Shown.VISIT), "a practice follows no other room: this leads to the wall, which is looked at by itself"
)


def _walls(kinds: tuple[str, ...], shows: Mapping[Shown, str], unchanged: Mapping[Shown, str]) -> tuple[Page, ...]:
    """Each scene for these kinds; what guests are shown tells of no flood, and its figures are those of one."""
    guests = {shown: proof for shown, proof in shows.items() if shown is not Shown.FLOOD}
    return tuple(
        Page(
            name=f"wall, {scene}",
            route="/wall",
            path=f"/wall?scene={scene}",
            ready=f'{LIVE}[data-scene="{scene}"]',
            kinds=frozenset(kinds),
            alike=(kinds,),
            shows=guests if scene == GUESTS_SCENE else shows,
            unchanged=unchanged,
        )
        for scene in SCENES
    )


_WALL = (
    *_walls(
        ROOM,
        {Shown.FLOOD: '.flood[data-shown="true"]', Shown.VISIT: '.visit-mark[data-shown="true"]', Shown.STALE: LOST},
        {},
    ),
    *_walls(OFFICE, {Shown.STALE: LOST}, _OWN_WORK),
    Page(
        name="wall, recorded",
        route="/wall",
        path="/wall?seq=1",
        ready=RECORDED,
        kinds=frozenset(ROOM),
        alike=(ROOM,),
        # With guests in the room it is the live wall again.
        shows={Shown.VISIT: '.visit-mark[data-shown="true"]', Shown.STALE: '.now-strip[data-freshness="lost"]'},
        unchanged={Shown.FLOOD: "a flood of now is a number in its strip"},
    ),
    *(
        Page(
            name="province",
            route="/province",
            path="/province",
            ready=LIVE,
            kinds=frozenset(kinds),
            alike=(kinds,),
            shows={Shown.STALE: LOST},
            unchanged=_IS_WALL,
        )
        for kinds in (ROOM, OFFICE)
    ),
)
_DESKS = (
    Page(
        name="duty desk",
        route="/desk",
        path="/desk",
        ready=f"{LIVE} .queue-row",
        shows={Shown.FLOOD: '.desk-flood[data-shown="true"]', Shown.VISIT: GUESTS, Shown.STALE: LOST},
        views=(
            View(name="opened", steps=(("press", "l"), ("press", "Enter")), stands=".history-line", stays=True),
            _key("choosing", "f", '.asker[data-shown="true"]'),
            _key("writing", "c", '.asker[data-shown="true"]'),
            _key("selected", "x", '.selection[data-shown="true"]'),
            _key("map", "g", '[data-do="map"][aria-pressed="true"]', calm=False),
            _key("new", "n", "dialog[open]"),
            _key("help", "?", "dialog[open]"),
            _key("handover", "h", _dialog("handover"), calm=False),
            _key("overview", "i", "dialog[open]", calm=False),
        ),
    ),
    Page(
        name="duty desk, recorded",
        route="/desk",
        path="/desk?seq=1",
        ready=RECORDED,
        shows={Shown.VISIT: GUESTS, Shown.STALE: '.recorded-now[data-calls="true"]'},
        unchanged={Shown.FLOOD: "a flood of now is a number in its head"},
    ),
    Page(
        name="alarm desk",
        route="/desk/alarms",
        path="/desk/alarms",
        ready=f"{LIVE} .alarm-row",
        shows={Shown.FLOOD: '.desk-flood[data-shown="true"]', Shown.VISIT: GUESTS, Shown.STALE: LOST},
        views=(
            View(name="opened", steps=(("click", ".alarm-open"),), stands=".record"),
            _key("set aside", "q", '[data-view="quiet"][aria-pressed="true"]', calm=False),
            _key("help", "?", _dialog("help")),
            View(name="group", steps=(("press", "q"), ("press", "A")), stands="dialog[open]"),
            _key("owner", "o", _dialog("owner"), calm=False),
            View(name="out", steps=(("press", "n"),), stands=_dialog("aside"), calm=True, kinds=_LEADERS),
            _key("scene", "w", _dialog("scene")),
        ),
    ),
    Page(
        name="alarm figures",
        route="/desk/alarms/health",
        path="/desk/alarms/health",
        shows={Shown.VISIT: GUESTS},
        unchanged={Shown.STALE: _SERVED},
    ),
    Page(
        name="handover",
        route="/desk/handover",
        path="/desk/handover",
        shows={Shown.VISIT: GUESTS},
        unchanged={Shown.STALE: _SERVED},
    ),
    Page(
        name="outbox",
        route="/desk/outbox",
        path="/desk/outbox",
        ready=f"{LISTED} .delivery",
        shows={Shown.VISIT: GUESTS, Shown.STALE: ".lost:not([hidden])"},
        unchanged=NO_FLOOD,
        views=(_key("opened", "ArrowDown", ".attempts", calm=False),),
    ),
    Page(
        name="screens",
        route="/desk/screens",
        path="/desk/screens",
        ready=f"{LISTED} [data-id]",
        shows={Shown.VISIT: GUESTS, Shown.STALE: ".lost:not([hidden])"},
        unchanged=NO_FLOOD,
        views=(
            View(
                name="pairing",
                steps=(("click", '[data-act="pair"]'),),
                stands="dialog[open]",
                calm=True,
                kinds=_LEADERS,
            ),
        ),
    ),
    Page(
        name="people",
        route="/desk/people",
        path="/desk/people",
        ready=LISTED,
        shows={Shown.VISIT: ".covered:not([hidden])", Shown.STALE: ".lost:not([hidden])"},
        unchanged=NO_FLOOD,
        views=(View(name="adding", steps=(("click", '[data-act="add"]'),), stands="dialog[open]", calm=True),),
    ),
    Page(
        name="sources",
        route="/desk/sources",
        path="/desk/sources",
        ready=f"{LISTED} .source",
        shows={Shown.VISIT: GUESTS, Shown.STALE: ".lost:not([hidden])"},
        unchanged=NO_FLOOD,
        views=(
            View(name="opened", steps=(("click", ".source .name"),), stands=".orders:not([hidden])", stays=True),
            View(name="pausing", steps=(("click", '[data-order="pause"]'),), stands=_dialog("pause"), calm=True),
        ),
    ),
    Page(
        name="import",
        route="/desk/import",
        path="/desk/import",
        ready=LISTED,
        shows={Shown.VISIT: GUESTS, Shown.STALE: ".lost:not([hidden])"},
        unchanged=NO_FLOOD,
    ),
    Page(
        name="closed to this role",
        route="/desk",
        path="/desk",
        kinds=frozenset({"agency"}),
        refuses=True,
        unchanged=STILL,
    ),
)
_READ = View(name="opened", steps=(("click", ".row button"),), stands=".history-line", stays=True)
_AGENCIES = (
    Page(
        name="agency",
        route="/agency",
        path="/agency?as=dpupr",
        ready=f"{LIVE} .work .row",
        shows={Shown.STALE: LOST},
        unchanged=_OWN_WORK,
        views=(
            _READ,
            View(name="asked why", steps=(("click", '.acts [data-act="decline"]'),), stands=".sheet[open]", calm=True),
        ),
    ),
    Page(name="choice of agency", route="/agency", path="/agency", kinds=frozenset({LOOPBACK}), unchanged=STILL),
    Page(
        name="one complaint by link",
        route="/agency/c/<subject>",
        path=lambda room: room.agency_link("forwarded"),
        ready=f"{LIVE} .history-line",
        kinds=frozenset({LINK}),
        shows={Shown.STALE: LOST},
        unchanged={
            Shown.FLOOD: "it is about one complaint and has no alarms",
            Shown.VISIT: "it is no page of the room",
        },
    ),
    Page(
        name="a link that leads elsewhere",
        route="/agency/c/<subject>",
        path="/agency/c/{new}?k=nothing",
        kinds=frozenset({LINK}),
        unchanged=STILL,
    ),
    Page(
        name="leadership",
        route="/lead",
        path="/lead",
        ready=f"{LIVE} .how .mid",
        shows={Shown.STALE: LOST},
        views=(
            View(name="a list", steps=(("click", ".today a"),), stands=".rows .row", stays=True),
            View(name="opened", steps=(("click", ".rows .row a"),), stands=".history-line", calm=True, stays=True),
            View(name="asking", steps=(("click", '[data-act="ask"]'),), stands=".sheet[open]", calm=True),
        ),
    ),
    Page(
        name="evaluation",
        route="/evaluation",
        path="/evaluation",
        ready=f"{LISTED} .table tbody tr",
        unchanged={Shown.FLOOD: _COUNTED, Shown.VISIT: _COUNTED, Shown.STALE: _COUNTED},
        views=(
            View(name="a list", steps=(("click", ".c-open .n"),), stands=".behind-title", calm=True),
            View(name="any days", steps=(("click", ".days"),), stands=".range:not([hidden])", calm=True),
        ),
    ),
)
_DOORS = (
    Page(
        name="landing page",
        route="/",
        path="/",
        kinds=frozenset({*ROOM, *OFFICE}),
        ready='.today[data-live="true"]',
        shows={Shown.STALE: '.today[data-live="false"]'},
    ),
    Page(name="landing page", route="/", path="/", kinds=frozenset({NOBODY}), unchanged=STILL),
    Page(name="interface", route="/api", path="/api", alike=(EVERYBODY,), unchanged=STILL),
    Page(
        name="code of a new screen",
        route="/wall",
        path="/wall",
        ready='body[data-state="waiting"]',
        kinds=frozenset({NOBODY}),
        refuses=True,
        unchanged=STILL,
    ),
    Page(
        name="province, to a stranger",
        route="/province",
        path="/province",
        kinds=frozenset({NOBODY}),
        refuses=True,
        unchanged=STILL,
    ),
    Page(name="log-in", route="/login", path="/login?again=1", unchanged=STILL),
    Page(
        name="second step",
        route="/login/code",
        path="/login/code",
        cookies=lambda room: {"liveroom_half": room.half_log_in("si-duty")},
        alike=(EVERYBODY,),
        unchanged=STILL,
        views=(View(name="by paper", steps=(("click", 'a[href*="with=recovery"]'),), stands="#code.code", calm=True),),
    ),
    Page(
        name="second step, the first time",
        route="/login/factor",
        path="/login/factor",
        cookies=lambda room: {"liveroom_half": room.half_log_in("tamu")},
        ready=".qr svg",
        alike=(EVERYBODY,),
        unchanged=STILL,
    ),
    Page(
        name="a password by link",
        route="/login/password",
        path="/login/password",
        cookies=lambda room: {"liveroom_password": room.known.links["password"]},
        ready="#again",
        alike=(EVERYBODY,),
        unchanged=STILL,
    ),
    Page(
        name="a link that is gone", route="/login/password", path="/login/password", alike=(EVERYBODY,), unchanged=STILL
    ),
    Page(name="set-up, too late", route="/setup", path="/setup", alike=(EVERYBODY,), unchanged=STILL),
    Page(name="is it well", route="/readyz", path="/readyz", alike=(EVERYBODY,), unchanged=STILL),
)
_ACCOUNT = tuple(
    Page(name=name, route=path, path=path, ready=ready, unchanged=STILL)
    for name, path, ready in (
        ("account", "/account", "main"),
        ("another telephone", "/account/factor", ".qr svg"),
        ("another password", "/account/password", "form"),
        ("new recovery codes", "/account/recovery", "form"),
        ("without a second step", "/account/remove", "form"),
    )
)
_CITIZENS = (
    Page(
        name="report form",
        route="/lapor",
        path="/lapor",
        alike=(EVERYBODY,),
        unchanged=STILL,
        views=(
            View(
                name="all categories",
                steps=(("click", "summary:has-text('Semua')"),),
                stands="details[open]",
                calm=True,
            ),
            View(
                name="on the map",
                steps=(("click", "button:has-text('Tunjuk di peta')"),),
                stands=".ground path",
                calm=True,
            ),
        ),
    ),
    Page(
        name="public map",
        route="/lapor/peta",
        path="/lapor/peta",
        ready="main table",
        alike=(EVERYBODY,),
        unchanged=STILL,
    ),
    Page(
        name="one area",
        route="/lapor/peta",
        path=PracticeRoom.area,
        ready=".reports",
        alike=(EVERYBODY,),
        unchanged=STILL,
    ),
    *(
        Page(
            name=f"own report, {name}",
            route="/lapor/s/<token>",
            path=f"/lapor/s/{{link_{name}}}",
            ready=".milestones",
            alike=(EVERYBODY,),
            unchanged=STILL,
            views=(View(name="its past", steps=(("click", ".whole summary"),), stands=".whole[open]", calm=True),),
        )
        for name in ("new", "asked", "forwarded", "working", "done", "referred", "rejected", "merged")
    ),
    Page(name="no such report", route="/lapor/s/<token>", path="/lapor/s/nothing", alike=(EVERYBODY,), unchanged=STILL),
)
PAGES = (*_DOORS, *_WALL, *_DESKS, *_AGENCIES, *_ACCOUNT, *_CITIZENS)
# In a room that has nobody and nothing yet.
FIRST_DAY = (
    Page(name="set-up", route="/setup", path=PracticeRoom.first_admin_link, ready="#again", unchanged=STILL),
    Page(name="set-up without its link", route="/setup", path="/setup", unchanged=STILL),
    Page(name="log-in, nobody yet", route="/login", path="/login", unchanged=STILL),
    Page(name="landing page, nobody yet", route="/", path="/", unchanged=STILL),
    Page(name="report form, nobody yet", route="/lapor", path="/lapor", unchanged=STILL),
)
