"""What strangers send: for every route of the app a strategy of calls, right in most and wrong in something."""

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any, TypeVar

from hypothesis import strategies as st
from werkzeug.routing import Rule

from liveroom.domain.alarms.commands import ALARM_SPECS
from liveroom.domain.complaints.commands import SPECS
from liveroom.domain.fields import CommandSpec
from liveroom.domain.outbox import OUTBOX_SPECS
from liveroom.domain.room import HANDOVER_SPECS, ROOM_SPECS
from liveroom.domain.screens import screen_specs
from liveroom.domain.users import user_specs
from tests.rooms.call import Call
from tests.rooms.furnished import SoakRoom
from tests.soak.junk import MOMENTS, OVERFLOWING, any_text, encoded, header_words, segments, values

T = TypeVar("T")
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get"]
SPECS_OF: Mapping[str, Mapping[Any, CommandSpec]] = {
    "complaint": SPECS,
    "alarm": ALARM_SPECS,
    "room": {**ROOM_SPECS, **HANDOVER_SPECS},
    "outbox": OUTBOX_SPECS,
    "screen": screen_specs({}),
    "user": user_specs(()),
}
FIELDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    about: {name.value: tuple(one.name for one in spec.fields) for name, spec in specs.items()}
    for about, specs in SPECS_OF.items()
}
# Which table a route's commands stand in, and of what kind the ids of its address are.
TABLES = {
    "commands.complaint": "complaint", "commands.complaints": "complaint", "commands.alarm": "alarm",
    "commands.alarms": "alarm",
    "commands.room": "room", "agency_link.act": "complaint", "commands.screen": "screen", "commands.user": "user",
    "commands.outbox": "outbox",
    "lapor.act": "citizen",
}  # fmt: skip
# Of these alone there is an address without an id.
WITHOUT_ID = {"/api/v1/screens/<name>": "pair", "/api/v1/people/<name>": "add", "/api/v1/outbox/<name>": "release"}
NAMES = {"agency_link.act": ("accept", "decline", "start", "comment", "ask", "answer", "submit_proof")}
SUBJECTS = {"alarm": "alarm", "outbox": "outbox", "screen": "screen", "user": "person"}
ENVELOPE = ("command_id", "seen_seq", "actor", "role", "actor_agency", "items")
REPORT = (
    "source_id", "category", "description", "address", "lat", "lon", "area", "channel", "reported_at", "updated_at",
    "priority",
    "person", "media", "drill",
)  # fmt: skip
BODIES = {
    "intake.complaints": REPORT,
    "taking.take": (*ENVELOPE, *REPORT),
    "feed.stalled": ("silent_s",),
}
FORMS = {
    "log_in.enter": ("username", "password", "next", "csrf_token"),
    "password.choose": ("password", "again", "csrf_token"),
    "session.leave": ("everywhere", "csrf_token"),
    "lapor.send": ("ticket", "category", "description", "address", "area", "lat", "lon", "phone", "email", "files",
    "alike", "checked", "website"),
    "lapor.act": ("words", "score"),
    "open311.write": ("service_code", "lat", "long", "description", "address_string", "attribute[x]", "phone",
    "media_url", "service_request_id", "update_id", "status"),
}  # fmt: skip
ACTS = {"answer": (), "reopen": (), "rate": ()}
# Who may use a door at all, by how its name begins; staff at the others.
STAFF = ["loopback"] * 4 + [
    "log-in of admin",
    "token of supervisor",
    "token of duty",
    "token of agency",
    "token of leadership",
]
VISITORS = {
    "agency_link": ["agency's link 0", "agency's link 1", "agency's link 2"],
    "intake": ["source"],
    "lapor": ["citizen", "nobody"],
    "open311": ["source"],
    "log_in": ["before log-in"],
    "password": ["password link"],
    "feed": ["screen", "screen's cookie", "loopback"],
    **{begins: ["loopback", "token of admin", "log-in of admin"] for begins in ("users", "commands.user")},
    **{begins: ["loopback", "token of supervisor"] for begins in ("outbox", "screens", "commands.outbox")},
    "commands.screen": ["loopback", "token of supervisor"],
}
WORDS = ["Lubang dalam di depan pasar", "ya", "tidak\nya", "Perwal 3/2026"]
RIGHT: Mapping[str, Sequence[Any]] = {
    "actor": ["rina", "budi", "si-duty"],
    "actor_agency": ["dpupr", "dlh", None],
    "role": ["duty", "supervisor", "agency", "agency_head", "leadership", "admin"],
    "lat": [-6.17, -6.2, -6.21],
    "lon": [106.63, 106.7],
    "outside": ["pln", "x"],
    "score": ["1", "5", 3],
    "owner": ["rina", "si-duty"],
    "rule": ["maintenance", "x"],
    "scene": ["map", "board", "visit"],
    "to": ["si-duty", "si-admin", "x"],
    "settings": [{}, {"scene": "map"}, {"sound": "1", "lang": "id"}],
    "code": ["ABCDEF", "123456"],
    "as_role": ["duty", "agency", "admin"],
    "name": ["Siti", "Dinding 4"],
    "channel": ["phone", "counter"],
    "drill": [True, False, None],
    "silent_s": [1, 60, -1, 90_000],
    "person": [{"name": "Budi", "phone": "0812", "email": "a@b.id"}, {}, None],
    "username": ["si-duty", "x"],
    "password": ["kata sandi yang panjang", "x"],
    "again": ["kata sandi yang panjang"],
    "next": ["/desk", "//evil"],
    "phone": ["0812 3456 7890", ""],
    "email": ["a@b.id", ""],
    **dict.fromkeys(("csrf_token", "alike", "website", "everywhere"), ("",)),
    "checked": ["1"],
    "service_code": ["jalan_rusak", "x"],
    "long": [106.63, 106.7],
    "update_id": ["1", "2"],
    "status": ["OPEN", "FIXED"],
}
QUERY_WORDS = [
    *MOMENTS, "map", "board", "overdue", "agencies", "trend", "visit", "lead", "agency", "area", "district",
    "category", "open", "1", "true",
    "100", "me", "desk", "wall", "agency:dpupr", "agency:x", "-6.17,106.63,500", "nan,nan,nan", "1e308,inf,1",
    "duty", "agency_head", "en",
    "id", "waiting", "stuck", "received", "sent", "refused", "dpupr", "critical", "AA", "MQ", "WzEsIngiXQ",
    "WzEsIlx1MDAwMCJd", "LTE",
]  # fmt: skip
READS = {*TABLES, *BODIES, *FORMS}
QUERIES = (
    "q", "status", "state", "category", "area", "priority", "agency", "district", "overdue", "claimed", "since",
    "until", "near", "limit",
    "cursor", "role", "actor", "actor_agency", "audience", "scene", "by", "of", "to", "as", "lang", "k", "token",
    "next", "again", "said",
    "look", "tile", "new", "period", "rank", "list", "show", "from", "code", "iss", "error", "key", "class", "days",
    "x", "start_date", "end_date", "updated_after", "page", "page_size", "service_request_id", "service_code",
)  # fmt: skip
HEADERS = (
    "Accept", "Accept-Encoding", "Accept-Language", "Range", "If-None-Match", "If-Modified-Since", "If-Match",
    "If-Range", "Content-Type",
    "Content-Encoding", "Upload-Length", "Upload-Offset", "Upload-Metadata", "Tus-Resumable", "X-CSRF-Token",
    "X-Ticket", "Cookie",
    "Authorization", "X-Forwarded-For", "X-Forwarded-Proto", "X-HTTP-Method-Override", "Referer", "User-Agent",
    "Origin", "Host",
    "Transfer-Encoding", "Connection", "Upgrade", "Forwarded", "Content-Length",
)  # fmt: skip
CREDENTIALS = ("Host", "Origin", "Content-Length", "Authorization", "Cookie", "X-CSRF-Token", "X-Forwarded-Proto")
COOKIES = (
    "liveroom_screen",
    "__Host-liveroom_session",
    "liveroom_before",
    "liveroom_link",
    "liveroom_password",
    "liveroom_pairing",
)
TYPES = (
    "application/json", "application/json", "application/problem+json", "text/plain",
    "application/json; charset=utf-8", "",
    "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "multipart/form-data",
    "application/offset+octet-stream",
    "application/json; charset=\xff",
)  # fmt: skip
MULTIPART = (
    b"", b"--x", b"--x--", b"--x\r\n\r\n",
    b'--x\r\nContent-Disposition: form-data; name="ticket"\r\n\r\n\xff\x00\r\n--x--\r\n',
    b'--x\r\nContent-Disposition: form-data; name="category"; filename="a"\r\n\r\n' + b"a" * 5000 + b"\r\n--x--\r\n",
    b"--x\r\nContent-Disposition: form-data; name*=utf-8''%ff\r\n\r\na\r\n--x--\r\n",
    b"--x\r\n" + b"A: b\r\n" * 3000, b"\r\n" * 500,
    b"--x\r\nContent-Disposition: form-data; name=\xff\xfe\r\n"
    b"Content-Type: text/plain; charset=nope\r\n\r\n\xff\r\n--x--\r\n",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dice:
    """``one`` and ``chance`` choose what is right, evenly; ``odd`` lets hypothesis think of what is not."""

    random: Random
    odd: Callable[..., Any]

    def one(self, among: Sequence[T]) -> T:
        """One of them."""
        return self.random.choice(among)

    def chance(self, percent: int) -> bool:
        """True so often."""
        return self.random.randrange(100) < percent


class Strangers:
    """Strategies for one room."""

    def __init__(self, room: SoakRoom) -> None:
        self._room = room
        self._known = room.known
        city = room.opened.room.city
        ids = [one for kind in self._known.ids.values() for one in kind]
        tokens = [one for kind in self._known.tokens.values() for one in kind]
        self._words = [*ids, *tokens, *city.agencies, *city.categories, "si-duty", "si-admin"]
        self._values = values(st.sampled_from(self._words))
        self._codes: dict[str, list[Any]] = {
            "agency": list(city.agencies),
            "category": list(city.categories),
            "area": list(city.areas)[:20],
            "class": list(city.policy.classes),
            "district": list(city.districts),
            "priority": ["critical", "urgent", "normal"],
        }
        self._rights = self._right_values()
        self._visitors = sorted(self._known.visitors)

    def calls(self, rules: Sequence[Rule]) -> st.SearchStrategy[Call]:
        """Calls of these routes, by any method and visitor; those that read a body more often."""
        weighed = [rule for rule in rules for _ in range(6 if rule.endpoint in READS else 1)]

        @st.composite
        def drawn(draw: Callable[..., Any]) -> Call:
            dice = Dice(Random(draw(st.integers(0, 2**64 - 1))), draw)
            return self._call(dice, dice.one(weighed))

        return drawn()

    def _call(self, dice: Dice, rule: Rule) -> Call:
        """Mostly what the door takes, from somebody who may: what is wrong is to be wrong behind the first check."""
        own = sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}) or ["OPTIONS"]
        method = dice.one(METHODS if dice.chance(5) else own)
        visitor = self._visitor(dice, rule)
        name = WITHOUT_ID.get(rule.rule) or dice.one(
            NAMES.get(rule.endpoint) or sorted(FIELDS.get(TABLES.get(rule.endpoint, ""), ACTS))
        )
        headers, body, kind = self._headers(dice), b"", ""
        if method not in ("GET", "HEAD"):
            body, kind = self._body(dice, rule, name)
        if kind:
            headers.setdefault("Content-Type", kind)
        if visitor == "loopback":
            headers.pop("X-Forwarded-For", None)
        else:
            headers.setdefault("X-Forwarded-For", f"203.0.{dice.random.randrange(256)}.{dice.random.randrange(256)}")
        self._of_tus(dice, rule, headers)
        path = self._path(dice, rule, name, visitor)
        query = self._query(dice) if method in ("GET", "HEAD") or dice.chance(10) else ""
        target = path + (f"?{query}" if query else "")
        return Call(visitor=visitor, method=method, target=target, route=rule.rule, headers=headers, body=body)

    def _visitor(self, dice: Dice, rule: Rule) -> str:
        of = next((of for begins, of in VISITORS.items() if rule.endpoint.startswith(begins)), STAFF)
        return dice.one(self._visitors if dice.chance(10) else of)

    def _path(self, dice: Dice, rule: Rule, name: str, visitor: str) -> str:
        path = ""
        for part in _parts(rule.rule):
            if not part.startswith("<"):
                path += part
                continue
            argument = part.strip("<>").rpartition(":")[2]
            right = name if argument == "name" else self._argument(dice, rule, argument, visitor)
            wrong = dice.odd(segments) if dice.chance(50) else _near(right)
            path += wrong if dice.chance(6) else right
        return path or "/"

    def _argument(self, dice: Dice, rule: Rule, argument: str, visitor: str) -> str:
        ids, tokens = self._known.ids, self._known.tokens
        if rule.endpoint.startswith("agency_link") and argument == "subject":
            number = visitor.rpartition(" ")[2]
            return ids["linked"][int(number) if number.isdigit() else 0]
        if argument == "subject":
            return dice.one(ids[SUBJECTS.get(TABLES.get(rule.endpoint, ""), "complaint")] or ["x"])
        pools = {
            "id_": ids["upload"],
            "token": tokens["citizen link"] or ["x"],
            "copy": ["small", "clean", "original"],
            "page": ids["screen"],
            "key": self._codes["agency"],
            "rest": [
                "discovery.json",
                "v2/services.xml",
                "v2/services/jalan_rusak.json",
                "v2/requests.xml",
                "v2/requests.json",
                f"v2/requests/{dice.one(ids['complaint'] or ['x'])}.xml",
                "v2/servicerequestupdates.xml",
                "v2/servicerequestupdates.json",
                "v2/tokens/x.xml",
            ],
            "filename": ["js/wall/wall.js", "sw.js", "js/../js/wall/wall.js", "", "js", "css"],
        }
        return dice.one(pools.get(argument, ["x"]))

    def _query(self, dice: Dice) -> str:
        def value() -> str:
            if dice.chance(15):
                return str(dice.odd(segments))
            return encoded(dice.odd(any_text) if dice.chance(40) else dice.one(QUERY_WORDS + self._words))

        count = dice.one([0, 1, 1, 1, 2, 3])
        return "&".join(f"{dice.one(QUERIES)}={value()}" for _ in range(count))

    def _headers(self, dice: Dice) -> dict[str, str]:
        found: dict[str, str] = {}
        for _ in range(dice.one([0, 0, 0, 0, 1, 2])):
            name = dice.one(HEADERS)
            if name in CREDENTIALS and dice.chance(70):
                continue
            value = dice.odd(header_words)
            if name == "Cookie" and dice.chance(60):
                value = "; ".join(f"{one}={dice.odd(header_words)}" for one in dice.random.sample(COOKIES, 2))
            elif name == "Content-Type":
                value = dice.one(TYPES)
            found[name] = value
        if dice.chance(12):
            found["Accept"] = dice.one(["application/json", "text/html", "application/vnd.liveroom.columns+json"])
        return found

    def _of_tus(self, dice: Dice, rule: Rule, headers: dict[str, str]) -> None:
        if "file" not in rule.endpoint and not rule.endpoint.startswith("uploads"):
            return
        length = dice.one(["20", "21", "64"])
        right = {"Tus-Resumable": "1.0.0", "Upload-Length": length, "Upload-Offset": dice.one(["0", "0", "5"])}
        for name, value in {**right, "Content-Type": "application/offset+octet-stream"}.items():
            if not dice.chance(8):
                headers.setdefault(name, value)
        if dice.chance(15):
            headers["X-Ticket"] = dice.odd(header_words)
        if dice.chance(70):
            complaint = dice.odd(any_text) if dice.chance(30) else dice.one(self._known.ids["complaint"])
            meant = base64.b64encode(complaint.encode("utf-8", "surrogatepass")).decode()
            headers.setdefault("Upload-Metadata", f"complaint {meant},kind cmVwb3J0")

    def _body(self, dice: Dice, rule: Rule, name: str) -> tuple[bytes, str]:
        if dice.chance(3):
            return dice.one(MULTIPART), dice.one(TYPES)
        if dice.chance(3):
            return dice.random.randbytes(dice.random.randrange(40)), dice.one(TYPES)
        if "file" in rule.endpoint or rule.endpoint.startswith("uploads"):
            return dice.random.randbytes(dice.one([0, 5, 20, 21, 64, 70])), ""
        if rule.endpoint in FORMS and not dice.chance(5):
            return self._form(dice, FORMS[rule.endpoint])
        if dice.chance(3):
            return written(dice.odd(self._values)), "application/json"
        fields = BODIES.get(rule.endpoint)
        if fields is None:
            own = FIELDS.get(TABLES.get(rule.endpoint, ""), {}).get(name, ("reason", "text"))
            items = ("items",) if rule.endpoint in ("commands.complaints", "commands.alarms") else ()
            fields = (*ENVELOPE, *own, *items)
        value: Any = self._object(dice, fields)
        if rule.endpoint == "intake.complaints" and dice.chance(40):
            value = [value, self._object(dice, fields)]
        return written(value), "application/json"

    def _form(self, dice: Dice, names: tuple[str, ...]) -> tuple[bytes, str]:
        fields = [f"{name}={encoded(str(self._right(dice, name)))}" for name in names if not dice.chance(6)]
        for _ in range(dice.one([0, 0, 1, 1, 2])):
            value = dice.odd(segments) if dice.chance(30) else encoded(dice.odd(any_text))
            fields.append(f"{dice.one(names)}={value}")
        return "&".join(reversed(fields)).encode(), "application/x-www-form-urlencoded"

    def _object(self, dice: Dice, fields: tuple[str, ...]) -> dict[str, Any]:
        made = {name: self._right(dice, name) for name in fields if not dice.chance(2)}
        for _ in range(dice.one([0, 1, 1, 1, 2])):
            key = dice.odd(any_text) if dice.chance(8) else dice.one(fields)
            before = made.get(key)
            if isinstance(before, dict) and dice.chance(60):
                inner = dice.odd(any_text) if dice.chance(30) else dice.one([*before, "name"])
                made[key] = {**before, inner: dice.odd(self._values)}
            elif isinstance(before, list) and dice.chance(60):
                made[key] = [*before, dice.odd(self._values)]
            else:
                made[key] = dice.odd(self._values)
        return made

    def _right(self, dice: Dice, name: str) -> Any:
        if name == "seen_seq":
            return max(0, self._room.seq - dice.random.randrange(3))
        if name == "command_id":
            return "c-same" if dice.chance(3) else f"c-{dice.random.randrange(10**9)}"
        if name in ("source_id", "login"):
            return f"baru-{dice.random.randrange(10**6)}"
        if name == "items":
            about = dice.one(["complaint", "alarm"])
            ids = dice.random.sample(self._known.ids[about], min(2, len(self._known.ids[about])))
            return [{"id": one, "seen_seq": self._room.seq} for one in ids]
        if name == "agencies":
            return dice.random.sample(self._codes["agency"], dice.one([0, 1, 2]))
        if name == "media":
            return [dice.one(["https://foto.example/1.jpg", f"upload:{dice.one(self._known.ids['upload'])}"])]
        return dice.one(self._rights.get(name, ["x", "Sudah ditambal", 1]))

    def _right_values(self) -> Mapping[str, Sequence[Any]]:
        ids, tokens, now = self._known.ids, self._known.tokens, self._room.opened.room.now()
        soon = [f"{now + timedelta(minutes=n):%Y-%m-%dT%H:%M:%SZ}" for n in (5, 30, 200, 5000, 500_000)]
        return {
            **self._codes,
            **dict.fromkeys(("until", "due_at", "answer_by", "review_at"), soon * 8 + MOMENTS),
            **dict.fromkeys(("reported_at", "updated_at"), [None] * 12 + MOMENTS),
            **dict.fromkeys(("reason", "note", "text", "description", "address", "welcome", "words", "place"), WORDS),
            **dict.fromkeys(("into", "child", "complaint"), ids["complaint"]),
            **dict.fromkeys(("after", "before", "files"), ids["upload"]),
            **RIGHT,
            "screen": ids["screen"],
            "ticket": tokens["ticket"],
        }


def _parts(rule: str) -> list[str]:
    """``/a/<b>/c`` as its fixed pieces and its arguments."""
    return [one for one in re.split(r"(<[^>]+>)", rule) if one]


def _near(right: str) -> str:
    """Almost that."""
    return right[:-1] + ("0" if right[-1:] != "0" else "1")


def written(value: Any) -> bytes:
    """JSON, with what only its text can say."""
    return json.dumps(value).replace(json.dumps(OVERFLOWING), "1e400").encode()
