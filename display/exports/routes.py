"""``GET /api/v1/LIST.csv`` and ``.xlsx``: complaints as the desk lists them, alarms, outbox, people, screens, sources.

Each is what its page shows to the same person, all of it and not a page of it. While guests are in the room a file
names nobody (CR-81). Who reported a complaint stands in a file only where it was asked for, and each such reading is
noted before the file leaves.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from flask import Blueprint, Response, request

from display.api.complaints import flag_of
from display.api.outbox import OutboxList, OutboxPage
from display.api.requests import requester, sees_people
from display.api.responses import handle_errors
from display.api.screens import read_register, register_json
from display.api.sources import listed_sources
from display.api.users import listed_people
from display.auth.visitor import Visitors
from display.exports.desk_queue import (
    FOUND,
    QueueMoment,
    QueuePlace,
    QueueRow,
    Run,
    columns_of,
    district_of,
    pages_of,
    place_of,
    run_of,
)
from display.exports.download import ListColumn, Wording, download, export_of
from display.exports.lists import (
    ALARM_VIEWS,
    alarm_columns,
    alarm_key,
    outbox_columns,
    people_columns,
    screen_columns,
    source_columns,
)
from display.feed.cards import Card, CardRow, Cards, card_row, visit_now
from display.feed.changes import read_moment
from display.feed.snapshot import active_alarms, visible_rows
from display.pages.page import language_of
from liveroom.accounts.sources import all_sources
from liveroom.accounts.users import Person, names_of
from liveroom.domain.alarms.model import AlarmState
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.requests import Code, Malformed, Refused
from liveroom.log.engine import Connection
from liveroom.log.event_log import Slices, encode, room_now
from liveroom.log.outbox import STATES
from liveroom.log.texts import note_accesses, reporters
from liveroom.projection import complaints as complaint_rows
from liveroom.projection.search import ALL, Search, SearchQuery, report_texts
from liveroom.room.room import Room
from liveroom.runtime import Runtime
from liveroom.runtime.config import OutboxSettings

# Rows of the outbox at once, as its page reads them; complaints that a search brings, at most.
_OUTBOX_ROWS, _MOST_FOUND = 100, 5000
_NAMES_AT_ONCE = 500
_LONGEST_FIND = 200


def exports_blueprint(room: Room, visitors: Visitors, settings: OutboxSettings, runtime: Runtime) -> Blueprint:
    """The routes; the permission table says for whom, as for the lists themselves."""
    blueprint = Blueprint("exports", __name__, url_prefix="/api/v1")
    files = _Files(room, visitors, settings, runtime)
    handled = handle_errors(files.cards)
    for name, answer in (
        ("complaints", files.complaints),
        ("alarms", files.alarms),
        ("outbox", files.outbox),
        ("people", files.people),
        ("screens", files.screens),
        ("sources", files.sources),
    ):
        blueprint.add_url_rule(f"/{name}.<any(csv, xlsx):form>", name, handled(answer), methods=["GET"])
    return blueprint


class _Files:
    """One file a list."""

    def __init__(self, room: Room, visitors: Visitors, settings: OutboxSettings, runtime: Runtime) -> None:
        self.cards = Cards(room.city.policy, "desk")
        self._room, self._visitors, self._runtime = room, visitors, runtime
        self._outbox = OutboxList(room.city, room.routes, settings)
        self._searching = Search(room.log, room.city)
        self._dark_s = room.rules.dark_after.total_seconds()

    def outbox(self, form: str) -> Response:
        """``?state=&to=`` as ``/api/v1/outbox`` has them."""
        state, to = request.args.get("state"), request.args.get("to")
        if state is not None and state not in STATES:
            raise Malformed("state", f"must be one of {', '.join(STATES)}")
        role, words = requester(self._visitors, request).role, self._words()

        def pages(slices: Slices) -> Iterator[Sequence[Any]]:
            cursor: str | None = None
            while True:
                asked = OutboxPage(state, to, cursor, _OUTBOX_ROWS)
                found = slices.run(partial(self._outbox.of, asked=asked, role=role))
                yield found["items"]
                cursor = found["next"]
                if cursor is None:
                    return

        with self._room.log.slices() as slices:
            columns = outbox_columns(words, guests=_guests(slices))
            return self._download(columns, pages(slices), "outbox", form, words)

    def people(self, form: str) -> Response:
        """``?find=``: whose name, role or agency holds it. Refused while guests are in the room."""
        reader, words = requester(self._visitors, request), self._words()
        found = self._room.log.read(lambda c: listed_people(c, self._visitors.sessions.limits, reader))
        if found["guests"]:
            raise Refused(Code.STATE, "guests are in the room: nobody is named")
        rows = [
            one
            for one in found["people"]
            if _holds(one["actor"], one["name"], words.say(f"page.role.{one['role']}"), words.agency(one["agency"]))
        ]
        return self._download(people_columns(words), iter((rows,)), "people", form, words)

    def screens(self, form: str) -> Response:
        """The screens, then the pages without a token."""
        role, words = requester(self._visitors, request).role, self._words()
        found = register_json(self._room.log.read(read_register), self._dark_s, role)
        pages = iter((found["screens"], found["pages"]))
        return self._download(screen_columns(words), pages, "screens", form, words)

    def sources(self, form: str) -> Response:
        """The sources that are in use, by name; ``?find=``: those whose name holds it."""
        words, found = self._words(), self._room.log.read(listed_sources)
        rows = [one for one in found["sources"] if _holds(one["name"])]
        return self._download(source_columns(words), iter((rows,)), "sources", form, words)

    def alarms(self, form: str) -> Response:
        """``?view=open|quiet``, as the alarm desk has them."""
        view, words = request.args.get("view", "open"), self._words()
        if view not in ALARM_VIEWS:
            raise Malformed("view", f"must be one of {', '.join(ALARM_VIEWS)}")
        with self._room.log.slices() as slices:
            wanted, cards = {state.value for state in ALARM_VIEWS[view]}, list[Card]()
            for part in active_alarms(slices, None):
                cards += (card for card in map(self.cards.of_alarm, part) if card["state"] in wanted)
                self._runtime.sleep(0)
            cards.sort(key=alarm_key)
            numbers = _numbers(slices, {card["complaint"] for card in cards if card["complaint"]})
            actors = {card[name] for card in cards for name in ("acked_by", "owner", "shelved_by") if card[name]}
            columns = alarm_columns(
                words, numbers, slices.run(_source_names), _names(slices, actors), guests=_guests(slices)
            )
            return self._download(columns, iter((cards,)), "alarms", form, words)

    def complaints(self, form: str) -> Response:
        """The desk's list: ``?list=work|soon|late|open|ended``, its filters, or ``q``; ``person=true``: with who
        reported, each noted."""
        who, place, words = requester(self._visitors, request), place_of(request.args), self._words()
        person = bool(flag_of(request.args, "person"))
        if person and not sees_people(who):
            raise Refused(Code.ROLE, "only a desk may read who reported")
        found = self._found(place, who) if place.view == FOUND else ()
        with self._room.log.slices() as slices:
            guests = _guests(slices)
            if person and guests:
                raise Refused(Code.STATE, "guests are in the room: nobody is named")
            moment = slices.run(partial(_moment, districts=district_of(self._room.city)))
            if place.view != FOUND:
                moment = QueueMoment(
                    at=moment.at, unacked=_unacked(slices, self._runtime), district_of=moment.district_of
                )
            runs = self._runs(slices, place, moment, found)
            pages = (self._rows(slices, page, who, person=person, guests=guests) for page in pages_of(runs))
            columns = columns_of(words, slices.run(_source_names), person=person)
            return self._download(columns, pages, "complaints", form, words)

    def _found(self, place: QueuePlace, who: Person) -> Sequence[Complaint]:
        """What the room finds for the words, in its own order."""
        wanted = SearchQuery(words=place.words, statuses=ALL, phones=sees_people(who))
        found: list[Complaint] = []
        after, now = None, self._room.now()
        while len(found) < _MOST_FOUND:
            page = self._searching.page(wanted, after, _OUTBOX_ROWS, now)
            found += page.complaints
            after = page.after
            if after is None:
                break
        return found

    def _runs(
        self, slices: Slices, place: QueuePlace, moment: QueueMoment, found: Sequence[Complaint]
    ) -> Sequence[Run]:
        if place.view == FOUND:
            rows = run_of([card_row(encode(one)) for one in found], self.cards, place, moment)
            return [[((number,), row) for number, (_, row) in enumerate(rows)]]
        today = slices.run(lambda c: read_moment(c, 0, ()).today)
        runs = []
        for part in visible_rows(slices, today, None):
            runs.append(run_of(part, self.cards, place, moment))
            self._runtime.sleep(0)
        return runs

    def _rows(
        self, slices: Slices, page: Sequence[CardRow], who: Person, *, person: bool, guests: bool
    ) -> Sequence[QueueRow]:
        """A page of the file; whose person it shows is noted first."""
        ids = [row.id for row in page]
        texts = slices.run(partial(report_texts, ids=ids))
        people = slices.run(partial(reporters, ids=ids)) if person else {}
        shown = {id_: tuple(name for name, value in one.items() if value) for id_, one in people.items()}
        note_accesses(self._room.log, actor=who.actor, role=who.role.value, shown=shown)
        names = {} if guests else _names(slices, {row.claimed_by for row in page if row.claimed_by})
        columns = self.cards.columns_of(page)
        cards = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
        return [
            QueueRow(
                card=card,
                texts=texts.get(card["id"], {}),
                person=people.get(card["id"], {}),
                claimed_by=None
                if guests or not card["claimed_by"]
                else names.get(card["claimed_by"], card["claimed_by"]),
            )
            for card in cards
        ]

    def _words(self) -> Wording:
        return Wording(self._room.city, language_of(self._room.city))

    def _download(
        self, columns: Sequence[ListColumn], pages: Iterator[Sequence[Any]], name: str, form: str, words: Wording
    ) -> Response:
        export = export_of(columns, pages, f"export.list_{name}", words)
        return download(export, form, name, self._room.now(), self._runtime)


def _holds(*words: str | None) -> bool:
    """Whether these words together hold every part of ``?find=``."""
    whole = " ".join(word for word in words if word).lower()
    return all(part in whole for part in request.args.get("find", "")[:_LONGEST_FIND].lower().split())


def _guests(slices: Slices) -> bool:
    return slices.run(visit_now) is not None


def _moment(connection: Connection, districts: Mapping[str, str]) -> QueueMoment:
    return QueueMoment(at=room_now(connection), unacked=frozenset(), district_of=districts)


def _unacked(slices: Slices, runtime: Runtime) -> frozenset[str]:
    """The complaints whose alarm nobody has acknowledged."""
    found: set[str] = set()
    for part in active_alarms(slices, None):
        found |= {one.complaint for one in part if one.complaint and one.state is AlarmState.UNACKED}
        runtime.sleep(0)
    return frozenset(found)


def _source_names(connection: Connection) -> Mapping[str, str]:
    return {one.source.id: one.source.name for one in all_sources(connection)}


def _parts(keys: Collection[str]) -> Iterator[Sequence[str]]:
    ordered = sorted(keys)
    return (ordered[start : start + _NAMES_AT_ONCE] for start in range(0, len(ordered), _NAMES_AT_ONCE))


def _names(slices: Slices, actors: Collection[str]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for part in _parts(actors):
        found |= slices.run(partial(names_of, actors=part))
    return found


def _numbers(slices: Slices, ids: Collection[str]) -> Mapping[str, str]:
    """What the sources call these complaints."""
    found: dict[str, str] = {}
    for part in _parts(ids):
        found |= {one.id: one.source_id for one in slices.run(partial(complaint_rows.complaints, ids=part))}
    return found
