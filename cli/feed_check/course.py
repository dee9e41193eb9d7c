"""The order in which a server is asked: join, follow, ask what no good client asks, come back, compare.

Nothing is written to the room unless a source's key is given. One thread reads all connections in turn, so that each
answers its pings while another is asked.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from cli.feed_check.checklist import Severity, Unseen, Verdicts
from cli.feed_check.mirror import Mirror
from cli.feed_check.shapes import LARGEST, Message, Shapes, is_whole
from cli.feed_check.stream import Marks, Stream
from cli.feed_check.wire import (
    Address,
    BadAnswer,
    CannotConnect,
    FeedSocket,
    Fetched,
    Packet,
    fetch,
    pump,
    read_json,
    shown,
)
from liveroom.runtime.time import monotonic

# Seconds: for one answer, for a connection to be ended, for two connections to be at one position, for a posted card;
# and beyond the time to follow, for everything else together.
ANSWER_S, END_S, MEET_S, POST_S, REST_S = 10.0, 5.0, 10.0, 15.0, 150.0
# Seconds of one read, and in which nothing was read after which what comes has waited for us.
STEP_S, STALL_S = 0.25, 0.5
# Events that a snapshot may be old, and cards and alarms after which it is ordered in place of batches.
OLD = LIMIT = 500
# Questions in a row that a server has to stand.
MANY = 12
# Cards and alarms that are held, and that wait in batches while a question is answered.
MOST_CARDS = 200_000
# Cards up to which counts are compared at each beat.
COUNTED = 20_000
# Times that one question is asked again after an error, and a snapshot is taken in a row.
AGAIN = 4
LONGEST_WAIT_S = 3.0
LONGEST_DELAY_MS = 60_000
NO_POSITIONS: Sequence[Any] = (
    None, [], "seven", 7, {"epoch": 7, "seq": "7", "mark": []}, {"seq": -1, "mark": ""}, {"seq": 1.5, "mark": None},
    {"seq": True, "mark": "", "epoch": {}},
)  # fmt: skip
OK, CREATED, NOT_FOUND, REFUSED = 200, 201, 404, 422


class Lost(Exception):
    """A connection has ended before it answered, or what it answered cannot be used; noted before it is raised."""


class TimeUp(Exception):
    """The time for the whole check is up."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An acknowledgement of `resume`: ``kind`` is batches, snapshot or error; ``path``: of a snapshot here."""

    kind: str
    value: Message
    path: str | None = None


class Listener:
    """One connection. With a mirror, batches are applied to it, but while a question is open.

    ``asks``: it is not where the server is, and has to ask; ``bye``: the server has said that it ends.
    """

    def __init__(self, course: "Course", mirror: Mirror | None, audience: str) -> None:
        self.stream = Stream(course.verdicts, course.shapes, course.marks)
        self.acks: dict[int, Any] = {}
        self.mirror = mirror
        self.asks = self.bye = self.open_question = False
        self._held: list[tuple[str, Message]] = []
        self._size = 0
        self._doubted = False
        auth = {"audience": audience} | ({"token": course.token} if course.token else {})
        self.socket = FeedSocket(course.address, auth, self._hear)

    def _hear(self, packet: Packet) -> None:
        if packet.ack is not None:
            self.acks[packet.ack] = packet.value
        elif packet.name == "bye":
            self.bye = True
        else:
            message = self.stream.take(packet)
            if message is not None and self.mirror is not None:
                self._held.append((packet.name, message))
                self._size += sum(len(message.get(name, ())) for name in ("cards", "gone", "alarms"))
                if self._size + len(self.mirror.cards) + len(self.mirror.alarms) > MOST_CARDS:
                    self.socket.over = BadAnswer("large")

    def settle(self, verdicts: Verdicts) -> None:
        """Apply what has come, and compare the counts at each beat of the same position."""
        if self.mirror is None or self.open_question:
            return
        held, self._held, self._size = self._held, [], 0
        for name, message in held:
            if name == "batch":
                self.asks = not self.mirror.take(message) or self.asks
            elif self.mirror.is_at(message):
                self._doubted = False
                if len(self.mirror.cards) <= COUNTED:
                    self.mirror.judge_counts(verdicts)
            else:
                # Behind us for one beat is usual after a resume: only one that stays means that we ask.
                behind = message["epoch"] == self.mirror.epoch and message["seq"] < self.mirror.seq
                self.asks = self.asks or not behind or self._doubted
                self._doubted = True

    def joined(self) -> None:
        """A question was answered: no doubt is left."""
        self.asks = self._doubted = False


class Course:
    """One check of one server, followed for ``seconds``; ``post``: a source's key, "" to write nothing."""

    def __init__(self, address: Address, *, audience: str, token: str, seconds: float, post: str) -> None:
        self.address, self.audience, self.token = address, audience, token
        self._seconds, self._key = seconds, post
        self.verdicts = Verdicts()
        self.shapes = Shapes(self.verdicts, audience)
        self.marks = Marks(self.verdicts)
        self.mirror = Mirror()
        self.beats = self.batches = 0
        self._listeners: list[Listener] = []
        self._start: Message = {}
        self._posted = ""
        self._pumped = monotonic()
        self._end = self._pumped + seconds + REST_S

    def run(self) -> None:
        """Ask everything; what became of it is in ``verdicts``. Raises CannotConnect where no feed lets us in."""
        main = self._connect(self.mirror)
        try:
            self._run(main)
        except (Lost, TimeUp):
            self.verdicts.broken_off = True  # why is noted
        except CannotConnect as error:
            self.verdicts.broken_off = True
            self.verdicts.flaw("connection.kept", error.key, **error.values)
        finally:
            for one in [*self._listeners]:
                self._part(one)

    def _run(self, main: Listener) -> None:
        try:
            self._join_first(main)
        except Lost:
            main.mirror = None  # what it sends can be judged all the same
            self._follow(main, self._seconds / 2)
            raise
        self._post()
        self._follow(main, self._seconds / 2)
        self._odd_questions()
        main = self._come_back(main)
        self._follow(main, self._seconds / 2)
        self._await_post(main)
        self._judge_pings(main)
        self._compare(main)
        self._door()
        self._strangers()
        self._bad_clients()

    # Connections.

    def _connect(self, mirror: Mirror | None = None, audience: str = "") -> Listener:
        one = Listener(self, mirror, audience or self.audience)
        self._listeners.append(one)
        return one

    def _part(self, one: Listener) -> None:
        self.beats += one.stream.beats
        self.batches += one.stream.batches
        self._listeners.remove(one)
        one.socket.close()

    @contextmanager
    def _aside(self, check: str, mirror: Mirror | None = None) -> Iterator[Listener]:
        """A connection beside the main one; where it is lost, this check is flawed. Raises CannotConnect."""
        one = self._connect(mirror)
        try:
            yield one
        except Lost:
            self.verdicts.flaw(check, "no_answer", s=round(ANSWER_S))
        finally:
            self._part(one)

    def _pump(self, seconds: float) -> None:
        """Read for so long at most, until something comes. Raises TimeUp."""
        if monotonic() > self._end:
            raise TimeUp
        sockets = [one.socket for one in self._listeners]
        if monotonic() - self._pumped > STALL_S:
            self._be_prompt(False)
        if not pump(sockets, 0):
            self._be_prompt(True)
            pump(sockets, seconds)
        self._pumped = monotonic()
        for one in self._listeners:
            over = one.socket.over
            if over is None:
                self.verdicts.held("packet.form")
            elif over.key != "closed":
                self.verdicts.flaw("packet.form", over.key, **over.values)
                one.socket.over = BadAnswer("closed")
            one.settle(self.verdicts)

    def _be_prompt(self, prompt: bool) -> None:
        for one in self._listeners:
            one.stream.prompt = prompt

    def _until(self, ready: Callable[[], bool], seconds: float) -> bool:
        """Read until it is so, at most for so long."""
        end = monotonic() + seconds
        while not ready():
            left = end - monotonic()
            if left <= 0:
                return False
            self._pump(min(left, STEP_S))
        return True

    # Questions and answers.

    def _ask(self, one: Listener, question: Any) -> Answer:
        """Ask, and again after an error. Raises Lost without a usable answer."""
        for _ in range(AGAIN):
            one.open_question = True
            number = one.socket.ask("resume", question)
            self._until(_answered(one, number), ANSWER_S)
            one.open_question = False
            if number not in one.acks:
                self.verdicts.flaw("resume.answer", "no_answer", s=round(ANSWER_S))
                raise Lost
            answer = self._judge_answer(one.acks.pop(number), "resume.answer")
            if answer.kind != "error":
                return answer
            self._until(lambda: False, min(answer.value["retry_ms"] / 1000, LONGEST_WAIT_S))
        raise Lost

    def _judge_answer(self, value: Any, check: str) -> Answer:
        """The answer, which may be one of three. Raises Lost for anything else."""
        if isinstance(value, dict):
            if "error" in value:
                good = is_whole(value.get("retry_ms")) and value["retry_ms"] <= LONGEST_DELAY_MS
                self.verdicts.judge("resume.retry", good, "retry", value=shown(value))
                return Answer("error", {"retry_ms": value["retry_ms"] if good else 1000})
            if isinstance(value.get("snapshot"), str):
                return self._judge_order(value, check)
            batches = value.get("batches")
            if value.get("beat") is not None:
                self.shapes.beat(value["beat"])
            if isinstance(batches, list) and self.shapes.position(value, "answer") & self.shapes.batches(batches):
                self.verdicts.held(check)
                return Answer("batches", value)
        self.verdicts.flaw(check, "answer", value=shown(value))
        raise Lost

    def _judge_order(self, value: Message, check: str) -> Answer:
        """The order to take the snapshot. Raises Lost where it does not say of which position."""
        good = is_whole(value.get("seq")) and isinstance(value.get("epoch"), str)
        if not self.verdicts.judge(check, good, "answer", value=shown(value)):
            raise Lost
        if check == "resume.answer":
            jitter = value.get("jitter_ms")
            good = is_whole(jitter) and value["jitter_ms"] <= LONGEST_DELAY_MS
            self.verdicts.judge("resume.jitter", good, "jitter", value=shown(jitter))
        path = self.address.path_of(value["snapshot"])
        self.verdicts.judge("resume.url", path is not None, "url", value=shown(value["snapshot"]))
        return Answer("snapshot", value, path)

    def _judge_chain(self, check: str, asked: Message, answer: Message) -> bool:
        """Whether the batches of an answer lead from the asked position to its own; held only where there are any."""
        at, mark = asked["seq"], asked["mark"]
        for batch in answer["batches"]:
            if batch["from"] > at or batch["epoch"] != answer["epoch"]:
                return self.verdicts.judge(check, False, "gap", first=batch["from"], last=at)
            if batch["to"] > at:
                at, mark = batch["to"], batch["mark"]
            self.marks.note(batch["epoch"], batch["to"], batch["mark"])
        self.marks.note(answer["epoch"], answer["seq"], answer["mark"])
        if at != answer["seq"] or mark != answer["mark"]:
            return self.verdicts.judge(check, False, "short", at=at, seq=answer["seq"])
        if answer["batches"]:
            self.verdicts.held(check)
        return True

    # Joining and following.

    def _join_first(self, main: Listener) -> None:
        answer = self._ask(main, {})
        self.verdicts.judge("resume.first", answer.kind == "snapshot", "kind", kind=answer.kind)
        if answer.kind != "snapshot":
            raise Lost
        self._load(self.mirror, answer)
        self._judge_unpacked(answer)
        self._start = self.mirror.position
        self._join(main, self.mirror)
        self.mirror.judge_counts(self.verdicts)

    def _join(self, one: Listener, mirror: Mirror) -> None:
        """Ask until the mirror goes on from where the server is. Raises Lost."""
        for _ in range(AGAIN):
            asked, fresh = mirror.position, mirror.fresh
            answer = self._ask(one, asked)
            if answer.kind == "batches":
                self._judge_chain("resume.chain", asked, answer.value)
                for batch in answer.value["batches"]:
                    mirror.take(batch)
                if fresh:
                    self.verdicts.held("resume.load")
                mirror.fresh = False  # another order may follow for good reason: guests, another history
                one.joined()
                return
            if fresh and answer.value["seq"] - mirror.seq <= LIMIT:
                break
            self._load(mirror, answer)
        self.verdicts.flaw("resume.load", "loop", seq=mirror.seq)
        raise Lost

    def _load(self, mirror: Mirror, answer: Answer) -> None:
        """Take the snapshot that was ordered. Raises Lost."""
        try:
            if answer.path is None:
                raise Lost
            taken = self._get(answer.path)
            snapshot = _body(taken)
        except BadAnswer as error:
            self.verdicts.flaw("snapshot.fields", error.key, **error.values)
            raise Lost from error
        form = taken.headers.get("content-type", "").partition(";")[0].strip()
        self.verdicts.judge("snapshot.type", form == "application/json", "type", value=shown(form))
        self.verdicts.judge("snapshot.gzip", taken.headers.get("content-encoding") == "gzip", "not_packed")
        if not self.shapes.snapshot(snapshot):
            raise Lost
        mirror.load(snapshot)
        self.marks.note(snapshot["epoch"], snapshot["seq"], snapshot["mark"])
        if snapshot["epoch"] == answer.value["epoch"]:
            old = answer.value["seq"] - snapshot["seq"]
            self.verdicts.judge("snapshot.age", old <= OLD, "old", n=old)

    def _judge_unpacked(self, answer: Answer) -> None:
        """A client that takes no gzip gets none."""
        try:
            taken = self._get(answer.path or "/", accept="identity")
        except BadAnswer as error:
            self.verdicts.flaw("snapshot.fields", error.key, **error.values)
            return
        if taken.headers.get("content-encoding", "identity") not in ("identity", ""):
            self.verdicts.flaw("snapshot.gzip", "packed", severity=Severity.BREAKS)

    def _get(self, path: str, *, accept: str = "gzip") -> Fetched:
        """An answer by HTTP. Raises BadAnswer and TimeUp."""
        if monotonic() > self._end:
            raise TimeUp
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return fetch(self.address, path, accept=accept, headers=headers)

    def _follow(self, main: Listener, seconds: float) -> None:
        """Read for so long, and keep the mirror where the server is. Raises Lost when it cannot be kept."""
        main.stream.follow()
        begun = monotonic()
        while (left := begun + seconds - monotonic()) > 0:
            self._pump(min(left, STEP_S))
            if main.socket.over is not None:
                severity = Severity.NOTE if main.bye else None
                self.verdicts.flaw("connection.kept", "ended", severity=severity, s=round(monotonic() - begun))
                raise Lost
            if main.asks and main.mirror is not None:
                self._join(main, main.mirror)
        main.stream.judge_rhythm(seconds)
        self.verdicts.held("connection.kept")
        if main.mirror is not None:
            main.mirror.judge_counts(self.verdicts)

    def _come_back(self, main: Listener) -> Listener:
        """End the connection in the middle, and go on from the same position on another. Raises Lost."""
        self._judge_pings(main)
        self._part(main)
        main = self._connect(self.mirror)
        asked = self.mirror.position
        answer = self._ask(main, asked)
        if answer.kind == "batches":
            if self._judge_chain("resume.reconnect", asked, answer.value):
                self.verdicts.held("resume.reconnect")
        elif _near(asked, answer):
            self.verdicts.flaw("resume.reconnect", "kind", kind=answer.kind)
        self._join(main, self.mirror)
        return main

    def _judge_pings(self, main: Listener) -> None:
        """Whether the server probes the connection as often as it said when it was opened."""
        every, wait = main.socket.engine.get("pingInterval"), main.socket.engine.get("pingTimeout")
        if not (is_whole(every) and is_whole(wait)):
            self.verdicts.flaw("connection.ping", "ping_said", value=shown(every))
            return
        allowed_s = (int(every or 0) + int(wait or 0)) / 1000
        if main.socket.pings:
            self.verdicts.held("connection.ping")
        elif monotonic() - main.socket.opened_at > allowed_s:
            self.verdicts.flaw("connection.ping", "no_ping", s=round(allowed_s))

    # What no good client asks.

    def _odd_questions(self) -> None:
        at = self.mirror.position
        orders: Sequence[tuple[str, Sequence[Any]]] = (
            ("resume.foreign_epoch", [{**at, "epoch": "0" * len(at["epoch"])}]),
            ("resume.wrong_mark", [{**at, "mark": at["mark"][::-1] + "x"}]),
            ("resume.beyond", [{**at, "seq": at["seq"] + 1_000_000}, {**at, "seq": LARGEST - 1}]),
            ("resume.garbage", NO_POSITIONS),
        )
        for check, questions in orders:
            with self._aside(check) as one:
                for question in questions:
                    answer = self._ask(one, question)
                    holds = answer.kind == "snapshot"
                    self.verdicts.judge(check, holds, "asked", asked=shown(question), kind=answer.kind)
        with self._aside("resume.again") as one:
            self._ask_twice(one)
        if self._start["epoch"] == self.mirror.epoch and self._start["seq"] < self.mirror.seq:
            with self._aside("resume.past") as one:
                answer = self._ask(one, self._start)
                if answer.kind == "batches":
                    self._judge_chain("resume.past", self._start, answer.value)
                elif _near(self._start, answer):
                    self.verdicts.flaw("resume.past", "kind", kind=answer.kind)
        with self._aside("resume.many") as one:
            self._ask_many(one)

    def _ask_twice(self, one: Listener) -> None:
        """The same question again gets an answer that leads from the same position at least as far."""
        asked = self.mirror.position
        first, second = self._ask(one, asked), self._ask(one, asked)
        if second.value["seq"] < first.value["seq"] and first.value["epoch"] == second.value["epoch"]:
            self.verdicts.flaw("resume.again", "shrinks", one=first.value["seq"], two=second.value["seq"])
        elif second.kind == "snapshot" and _near(asked, second):
            self.verdicts.flaw("resume.again", "kind", kind=second.kind)
        elif second.kind == "batches" and self._judge_chain("resume.again", asked, second.value):
            self.verdicts.held("resume.again")

    def _ask_many(self, one: Listener) -> None:
        """More at once than a client ever asks: each may wait, all are answered, and the connection stays."""
        numbers = {one.socket.ask("resume", self.mirror.position) for _ in range(MANY)}
        self._until(lambda: one.socket.over is not None or one.acks.keys() >= numbers, 2 * ANSWER_S)
        answered = len(one.acks.keys() & numbers)
        self.verdicts.judge("resume.many", answered == MANY, "many", n=answered, of=MANY)

    def _strangers(self) -> None:
        """An audience that there is not is refused, or served as `wall`."""
        if self.token:
            self.verdicts.unseen("connection.audience", Unseen.TOKEN)
            return
        try:
            one = self._connect(audience=f"check-{secrets.token_hex(4)}")
        except CannotConnect:
            self.verdicts.held("connection.audience")
            return
        masked = Verdicts()
        try:
            answer = self._ask(one, {})
            snapshot = _body(self._get(answer.path)) if answer.path is not None else None
        except BadAnswer as error:
            if error.key == "http":  # refused there
                self.verdicts.held("connection.audience")
            return
        except Lost:
            return
        finally:
            self._part(one)
        if Shapes(masked, "wall").snapshot(snapshot):
            leaks = [flaw.examples[0].values for flaw in masked.flaws if flaw.id == "card.forbidden"]
            field = leaks[0].get("field") if leaks else ""
            self.verdicts.judge("connection.audience", not leaks, "audience", field=field)

    def _bad_clients(self) -> None:
        """What is no packet, and what is too long, ends the connection; an event that the feed has not is ignored."""
        with self._aside("connection.other_events") as one:
            one.socket.say('42/feed,["nonsense",{}]')
            self._ask(one, self.mirror.position)
            self.verdicts.held("connection.other_events")
        for check, text in (
            ("connection.bad_packet", '42/feed,{"no":'),
            ("connection.long_message", f'42/feed,["nonsense","{"x" * 70_000}"]'),
        ):
            with self._aside(check) as one:
                one.socket.say(text)
                ended = self._until(_ended(one), END_S)
                self.verdicts.judge(check, ended, "open", s=round(END_S))

    # What else is there.

    def _compare(self, main: Listener) -> None:
        """Two ways to one position, by batches and by a new snapshot, give the same picture."""
        other = Mirror()
        with self._aside("state.agree", other) as one:
            self._join(one, other)
            self._join(main, self.mirror)

            def met() -> bool:
                for listener, mirror in ((one, other), (main, self.mirror)):
                    if listener.asks:
                        self._join(listener, mirror)
                return bool(other.position == self.mirror.position)

            if not self._until(met, MEET_S):
                return
            unlike = self.mirror.differences(other)
            if unlike:
                self.verdicts.flaw("state.agree", "differ", seq=other.seq, what="; ".join(unlike))
            elif self.mirror.batches:
                self.verdicts.held("state.agree")

    def _door(self) -> None:
        """What there is by HTTP: the calendar, and `GET /feed/resume`, which answers as `resume` does."""
        hash_ = next((one.stream.calendar for one in self._listeners if one.stream.calendar), "")
        try:
            if hash_:
                self.shapes.calendar(_body(self._get(f"/feed/calendar/{quote(hash_, safe='')}")))
        except BadAnswer as error:
            self.verdicts.flaw("calendar.fields", error.key, **error.values)
        try:
            self._ask_door()
        except BadAnswer as error:
            self.verdicts.flaw("door.answer", error.key, **error.values)
        except Lost:
            pass  # noted

    def _ask_door(self) -> None:
        """Raises BadAnswer and Lost."""
        start = self._start
        asked = {"epoch": start["epoch"], "from": start["seq"], "mark": start["mark"], "to": self.mirror.seq}
        more = {} if self.token else {"audience": self.audience}
        taken = self._get(f"/feed/resume?{urlencode(asked | more)}")
        if taken.status == NOT_FOUND:
            self.verdicts.flaw("door.answer", "no_door", severity=Severity.NOTE)
            return
        answer = self._judge_answer(_body(taken), "door.answer")
        if answer.kind == "batches" and self._judge_chain("door.answer", start, answer.value):
            seq, to = answer.value["seq"], asked["to"]
            self.verdicts.judge("door.answer", seq >= to, "door_short", seq=seq, to=to)
        wrong = asked | more | {"mark": start["mark"] + "x"}
        answer = self._judge_answer(_body(self._get(f"/feed/resume?{urlencode(wrong)}")), "door.answer")
        self.verdicts.judge("door.answer", answer.kind == "snapshot", "asked", asked="mark", kind=answer.kind)

    # What is written, where a key allows it.

    def _post(self) -> None:
        """Send one complaint marked as practice, which no real room takes."""
        if not self._key:
            return
        if self.audience.startswith("agency:"):
            self.verdicts.unseen("post.arrives", Unseen.AGENCY)
            return
        body = {"source_id": f"feed-check-{secrets.token_hex(6)}", "category": "feed_check", "drill": True}
        headers = {"Authorization": f"Bearer {self._key}"}
        try:
            taken = fetch(self.address, "/api/v1/complaints", method="POST", json=body, headers=headers)
            value = read_json(taken.body)
        except BadAnswer as error:
            self.verdicts.flaw("post.arrives", error.key, severity=Severity.NOTE, **error.values)
            return
        id_ = value.get("id") if isinstance(value, Mapping) else None
        if taken.status == REFUSED:
            self.verdicts.unseen("post.arrives", Unseen.REAL)
        elif taken.status != CREATED or not isinstance(id_, str):
            self.verdicts.flaw("post.arrives", "http", severity=Severity.NOTE, status=taken.status)
        else:
            self._posted = id_

    def _await_post(self, main: Listener) -> None:
        def arrived() -> bool:
            if main.asks:
                self._join(main, self.mirror)
            return self._posted in self.mirror.cards

        if self._posted:
            self.verdicts.judge("post.arrives", self._until(arrived, POST_S), "not_arrived", s=round(POST_S))


def _answered(one: Listener, number: int) -> Callable[[], bool]:
    return lambda: number in one.acks or one.socket.over is not None


def _ended(one: Listener) -> Callable[[], bool]:
    return lambda: one.socket.over is not None


def _near(asked: Message, answer: Answer) -> bool:
    """Whether the order to take a snapshot came though batches would do: the same history, and few changes."""
    return bool(answer.value["epoch"] == asked["epoch"] and answer.value["seq"] - asked["seq"] <= LIMIT)


def _body(taken: Fetched) -> Any:
    """The JSON of an answer that should be 200. Raises BadAnswer."""
    if taken.status != OK:
        raise BadAnswer("http", status=taken.status)
    return read_json(taken.body)
