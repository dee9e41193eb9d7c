"""Gauges that publish their readings by MQTT: a reading that passes a level becomes a complaint, and its end is told.

What the readings mean is `ingest.gauges`. This is the connection: the session lasts, so that the broker keeps what
comes (QoS 1) while nobody is connected, and a message is acknowledged when what it means is stored. What is to be told
is stored first and told then, by a number that was stored with it: who dies in between tells the same again.
"""

import ssl
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from secrets import token_hex
from typing import Any, ClassVar, Literal

import msgspec
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from ingest.gauges import Gauge, GaugePoint, GaugeState, follow, reading_of
from ingest.pull import Batch, Item, Misconfigured, PullSource, Secret, TryLater, read_secret
from liveroom.domain.requests import Malformed
from liveroom.domain.timestamps import seconds_of, to_text
from liveroom.runtime.time import monotonic, system_now
from liveroom.tables.table_plan import TableCity

# Seconds: for the broker's answer; between two signs of life to it; of one look; after which silence is an empty batch.
ANSWER_S, KEEPALIVE_S, LOOK_S, QUIET_S = 5.0, 15, 0.25, 1.0
# Messages of one batch, and gauges of one source: what is known of each is written with the position.
MOST, MOST_GAUGES = 100, 500
# Bytes of one message: a broker with MQTT 5 leaves out what is more, and MOST of them are in memory.
MOST_BYTES = 256 * 1024
# What only says when a gauge was heard is written this often (seconds), and who is silent is looked at.
WRITTEN_S, JUDGED_S = 10.0, 5.0
# So long somebody waits who looks at what comes.
PREVIEW_S = 5.0
# Of gauges that are silent so many are named.
NAMED = 3
LETTERS = 8
# What a broker says that passes by itself, and what is wrong with other settings than the password.
PASSING = frozenset({"Server unavailable", "Server busy", "Quota exceeded", "Connection rate exceeded", "Server moved"})
BY_FIELD = {"Unsupported protocol version": "version", "Client identifier not valid": "client"}
REFUSED = frozenset({"Bad user name or password", "Not authorized", "Banned", "Bad authentication method"})


class MqttSource(PullSource, frozen=True, kw_only=True):
    """``client``: the name of the session, by default made of the source's. ``keep``: how long the broker keeps it.
    ``version``: 5, or 3 for brokers that only speak MQTT 3.1.1. ``ca``: the file of certificates to trust.

    ``stay``: it stays connected; if not, it comes each time it is asked and takes what the broker kept.
    """

    host: str
    gauges: list[Gauge]
    port: int = 0
    tls: bool = False
    ca: str = ""
    user: str = ""
    password: Secret = Secret("")
    client: str = ""
    version: Literal[3, 5] = 5
    keep: str = "7d"
    stay: bool = True

    sensor: ClassVar[bool] = True

    def faults(self) -> Iterator[tuple[str, str]]:
        """Those of the gauges under their numbers, and what is no address."""
        if not self.host or "/" in self.host or " " in self.host:
            yield "host", "must be the name or the address of a broker, such as mqtt.example.go.id"
        if not 0 <= self.port < 65_536:
            yield "port", "must be between 1 and 65535, or left out"
        if seconds_of(self.keep) is None:
            yield "keep", "must be a number and a unit, such as 12h or 7d"
        if self.password and not self.user:
            yield "user", "is required beside password"
        if not self.gauges:
            yield "gauges", "names none"
        for number, gauge in enumerate(self.gauges):
            for field, why in gauge.faults():
                yield f"gauges[{number}].{field}", why
        kinds = [(gauge.topic, gauge.value, gauge.side) for gauge in self.gauges]
        for number, kind in enumerate(kinds):
            if kind in kinds[:number]:
                yield f"gauges[{number}].topic", "stands twice: another gauge reads the same of it"

    def categories_named(self) -> Iterable[str]:
        """Those of the gauges."""
        return (gauge.category for gauge in self.gauges)

    def fetch_in(self, position: str | None, city: TableCity) -> Iterator[Batch]:
        """What the broker kept, then what comes, until there is no more or for as long as the source is read."""
        with _BrokerSession(self) as session:
            yield from _Watch(self, session, position, city.languages[0]).batches()

    def preview_in(self, position: str | None, city: TableCity) -> Batch | None:
        """What comes within PREVIEW_S, and what is retained, by a session for this alone: the room keeps its own."""
        with _BrokerSession(self, lasting=False) as session:
            return _Watch(self, session, position, city.languages[0]).ahead()

    @property
    def name_of_session(self) -> str:
        """As long as every broker takes it."""
        return self.client or f"liveroom{sha256(self.name.encode()).hexdigest()[:15]}"


# The connection.


class _BrokerSession:
    """A connection to the broker; ``messages``: what came and was not taken yet.

    Not ``lasting``: of a session that ends with it, beside the source's own.
    """

    def __init__(self, source: MqttSource, *, lasting: bool = True) -> None:
        self._source, self._lasting = source, lasting
        self.messages: list[MQTTMessage] = []
        self._answer: ReasonCode | None = None
        self._gone: ReasonCode | None = None
        self._granted: list[ReasonCode] = []
        self._asked = False
        self._socket: ssl.SSLSocket | None = None
        newest = source.version == 5
        self.client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=source.name_of_session if lasting else f"liveroom{token_hex(7)}",
            clean_session=None if newest else not lasting,
            protocol=MQTTProtocolVersion.MQTTv5 if newest else MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        self.client.disable_logger()  # to be disconnected is no error
        self.client.connect_timeout = ANSWER_S
        self.client.on_connect = self._on_connect
        self.client.on_disconnect = self._on_disconnect
        self.client.on_subscribe = self._on_subscribe
        self.client.on_message = lambda _client, _data, message: self.messages.append(message)

    def __enter__(self) -> "_BrokerSession":
        source = self._source
        if source.user:
            password = read_secret(source.password, "password") if source.password else None
            self.client.username_pw_set(source.user, password)
        try:
            if source.tls:
                self.client.tls_set_context(self._tls())
        except (OSError, ssl.SSLError) as error:
            raise Misconfigured("ca", f"{source.ca} cannot be read as certificates") from error
        try:
            self._connect()
            self._wait(lambda: self._answer is not None, "the broker does not answer")
            _refuse(self._answer)
            self.ask()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _tls(self) -> ssl.SSLContext:
        """What is trusted. The socket is kept, for paho leaves it open where it cannot agree on TLS."""
        context = ssl.create_default_context(cafile=self._source.ca or None)
        wrap: Callable[..., ssl.SSLSocket] = context.wrap_socket

        def wrapped(*args: Any, **more: Any) -> ssl.SSLSocket:
            self._socket = wrap(*args, **more)
            return self._socket

        context.wrap_socket = wrapped  # type: ignore[method-assign]
        return context

    def _connect(self) -> None:
        source = self._source
        asked: dict[str, Any] = {}
        if source.version == 5:
            properties: Any = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            properties.SessionExpiryInterval = seconds_of(source.keep) if self._lasting else 0
            properties.MaximumPacketSize = MOST_BYTES
            properties.ReceiveMaximum = MOST
            asked = {"clean_start": not self._lasting, "properties": properties}
        try:
            self.client.connect(source.host, source.port or (8883 if source.tls else 1883), KEEPALIVE_S, **asked)
        except ssl.SSLCertVerificationError as error:
            raise Misconfigured("ca", f"the broker's certificate is not trusted: {error.verify_message}") from error
        except ssl.SSLError as error:
            raise Misconfigured("tls", f"the broker speaks no TLS there: {error.reason}") from error
        except (OSError, ValueError) as error:
            raise TryLater(f"the broker cannot be reached: {error}") from error

    def ask(self) -> None:
        """Subscribe, again where that was done before: the answer comes after all that the broker has kept.

        A retained message is sent for a new subscription alone (MQTT 5). Raises TryLater, Misconfigured.
        """
        self._granted, before = [], len(self.messages)
        topics = list(dict.fromkeys(gauge.topic for gauge in self._source.gauges))
        if self._source.version == 5:
            options = SubscribeOptions(qos=1, retainHandling=SubscribeOptions.RETAIN_SEND_IF_NEW_SUB)
            self.client.subscribe([(topic, options) for topic in topics])
        else:
            self.client.subscribe([(topic, 1) for topic in topics])
        self._wait(lambda: bool(self._granted), "the broker does not answer")
        if self._asked and self._source.version != 5:  # they come with each answer
            retained = [one for one in self.messages[before:] if one.retain]
            self.messages[before:] = [one for one in self.messages[before:] if not one.retain]
            self.acknowledge(retained)
        self._asked = True
        for topic, granted in zip(topics, self._granted, strict=False):
            if granted.is_failure:
                raise Misconfigured("gauges", f"the broker refuses the topic {topic}: {granted}")

    def look(self) -> None:
        """Take what comes within LOOK_S. Raises TryLater where the connection is lost."""
        code = self.client.loop(LOOK_S)
        if code != MQTTErrorCode.MQTT_ERR_SUCCESS or self._gone is not None:
            why = self._gone if self._gone is not None and self._gone.is_failure else code
            raise TryLater(f"the connection to the broker was lost: {getattr(why, 'name', why)}")

    def _wait(self, done: Callable[[], bool], why: str) -> None:
        until = monotonic() + ANSWER_S
        while not done():
            if monotonic() > until:
                raise TryLater(why)
            try:
                self.look()
            except TryLater:
                _refuse(self._answer)
                raise

    def acknowledge(self, messages: Sequence[MQTTMessage]) -> None:
        """What is stored; one whose acknowledgement is lost comes again."""
        for message in messages:
            self.client.ack(message.mid, message.qos)

    def __exit__(self, *_: object) -> None:
        with suppress(OSError, ValueError):
            self.client.disconnect()
        for left in (self.client.socket(), self._socket):
            if left is not None:
                with suppress(OSError):
                    left.close()

    def _on_connect(self, _client: Client, _data: Any, _flags: ConnectFlags, answer: ReasonCode, _more: Any) -> None:
        self._answer = answer

    def _on_disconnect(
        self, _client: Client, _data: Any, _flags: DisconnectFlags, reason: ReasonCode, _more: Any
    ) -> None:
        self._gone = reason

    def _on_subscribe(self, _client: Client, _data: Any, _mid: int, granted: list[ReasonCode], _more: Any) -> None:
        self._granted = granted


def _refuse(answer: ReasonCode | None) -> None:
    """Raise what the broker's answer means, where it is a refusal."""
    if answer is None or not answer.is_failure:
        return
    name = answer.getName()
    if name in PASSING:
        raise TryLater(f"the broker says: {name}")
    field = BY_FIELD.get(name) or ("password" if name in REFUSED else "host")
    raise Misconfigured(field, f"the broker says: {name}")


# What is known, and what is made of messages.


class MqttPosition(msgspec.Struct, kw_only=True, omit_defaults=True):
    """``gauges``: what is known of each. ``untold``: reports that are stored here and not yet in the log.

    ``since``: when the first look began, for gauges that were never heard. ``unsure``: the last messages, of which it
    is not known whether they were acknowledged.
    """

    since: float
    gauges: dict[str, GaugeState] = msgspec.field(default_factory=dict)
    untold: list[dict[str, Any]] = msgspec.field(default_factory=list)
    unsure: list[str] = msgspec.field(default_factory=list)


def _known(position: str | None, now: float) -> MqttPosition:
    """The position; the beginning where another kind had this name before."""
    try:
        found = None if position is None else msgspec.json.decode(position, type=MqttPosition)
    except (msgspec.DecodeError, msgspec.ValidationError):
        found = None
    return found or MqttPosition(since=now)


def _now() -> float:
    return system_now().timestamp()


class _Watch:
    """One reading of a source, from its position on."""

    def __init__(self, source: MqttSource, session: _BrokerSession, position: str | None, language: str) -> None:
        self.source, self.session, self.language = source, session, language
        self.text = position
        self.known = _known(position, _now())
        self.before = frozenset(self.known.unsure)
        self.written = monotonic() if position is not None else float("-inf")
        self.too_many = ""
        self.named: dict[str, tuple[int, str]] = {}
        self.fault, self.judged = "", float("-inf")

    def batches(self) -> Iterator[Batch]:
        """Raises TryLater, Misconfigured."""
        yield from self._told()
        last = False
        while True:
            messages = self._gather()
            if not messages and not self.source.stay:
                if last:
                    break
                self.session.ask()
                last = not self.session.messages
                continue
            last = False
            yield from self._taken(messages)
        self.written = self.judged = float("-inf")
        yield self._batch([], changed=False)

    def ahead(self) -> Batch:
        """What is stored and not yet told, and what the next messages mean, as far as they come within PREVIEW_S."""
        items, until = [Item(raw=_json(value), value=value) for value in self.known.untold], monotonic() + PREVIEW_S
        while not items and monotonic() < until:
            self.session.look()
            messages, self.session.messages = self.session.messages, []
            items += [item for message in messages for item in self._understood(message)]
            items += [Item(raw=_json(value), value=value) for value in self.known.untold]
            self.session.acknowledge(messages)
        return Batch(items[:MOST], "")

    def _gather(self) -> list[MQTTMessage]:
        """What came: at once where there is enough, else after a look without more."""
        session, until = self.session, monotonic() + QUIET_S
        while len(session.messages) < MOST and monotonic() < until:
            before = len(session.messages)
            if before == 0 and not self.source.stay:
                break
            session.look()
            if before and len(session.messages) == before:
                break
        taken, session.messages = session.messages[:MOST], session.messages[MOST:]
        return taken

    def _taken(self, messages: Sequence[MQTTMessage]) -> Iterator[Batch]:
        before = {key: state.phase() for key, state in self.known.gauges.items()}
        rejects: list[Item] = []
        marks: list[str] = []
        for message in messages:
            mark = _mark(message)
            marks.append(mark)
            if not (message.dup and mark in self.before):
                rejects += self._understood(message)
        changed = bool(rejects or self.known.untold) or any(
            state.phase() != before.get(key) for key, state in self.known.gauges.items()
        )
        if messages:
            self.known.unsure = marks
        while len(rejects) > MOST:  # a message may be one of several gauges
            yield Batch(rejects[:MOST], self.text or _json(MqttPosition(since=self.known.since)), self._fault())
            rejects = rejects[MOST:]
        yield self._batch(rejects, changed=changed)
        self.session.acknowledge(messages)
        yield from self._told()

    def _understood(self, message: MQTTMessage) -> Iterator[Item]:
        """Follow the gauges of a message's topic; what cannot be believed is an item."""
        now = _now()
        try:
            topic = message.topic
        except UnicodeDecodeError:
            return
        taken: set[str] = set()
        for gauge in self.source.gauges:
            stands = gauge.fits(topic)
            if stands is None or gauge.key(topic) in taken:
                continue
            one = GaugePoint(gauge=gauge, topic=topic, stands=stands, language=self.language)
            taken.add(one.key)
            state = self._state(one)
            if state is None:
                continue
            try:
                reading = reading_of(gauge, bytes(message.payload), now)
                # Nobody knows how old a retained reading is that has no time.
                if not message.retain or reading.timed:
                    self.known.untold.extend(follow(one, state, reading, now))
            except Malformed as fault:
                yield Item(raw=f"{topic} {message.payload.decode('utf-8', 'backslashreplace')}", fault=fault)

    def _state(self, one: GaugePoint) -> GaugeState | None:
        if one.key not in self.known.gauges and len(self.known.gauges) >= MOST_GAUGES:
            # Those that the settings name no more make room.
            self.known.gauges = {key: state for key, state in self.known.gauges.items() if self._followed(key)[0] >= 0}
            if len(self.known.gauges) >= MOST_GAUGES:
                self.too_many = one.topic
                return None
        return self.known.gauges.setdefault(one.key, GaugeState())

    def _told(self) -> Iterator[Batch]:
        """What is stored and not yet told; a process that dies before it is stored that it was tells it again."""
        while self.known.untold:
            some, self.known.untold = self.known.untold[:MOST], self.known.untold[MOST:]
            yield self._batch([Item(raw=_json(value), value=value) for value in some], changed=True)

    def _batch(self, items: Sequence[Item], *, changed: bool) -> Batch:
        """With the position where something changed that counts, or now and then; else as a sign of life."""
        fault = self._fault()
        if changed or monotonic() - self.written > WRITTEN_S:
            self.text, self.written = _json(self.known), monotonic()
        return Batch(items, self.text or _json(self.known), fault=fault)

    def _fault(self) -> str:
        """Which gauges are silent, and which are not followed."""
        if monotonic() - self.judged < JUDGED_S:
            return self.fault
        self.judged = monotonic()
        said = list(self._silent())
        named = ", ".join(said[:NAMED]) + (f" and {len(said) - NAMED} more" if len(said) > NAMED else "")
        more = f"more than {MOST_GAUGES} gauges: {self.too_many} is not followed" if self.too_many else ""
        self.fault = "; ".join(part for part in (f"silent: {named}" if named else "", more) if part)
        return self.fault

    def _silent(self) -> Iterator[str]:
        now, followed = _now(), dict[int, dict[str, str]]()
        for key in self.known.gauges:
            number, name = self._followed(key)
            followed.setdefault(number, {})[key] = name
        for number, gauge in enumerate(self.source.gauges):
            longest = seconds_of(gauge.every) if gauge.every else None
            if longest is None:
                continue
            for key, name in {**dict(gauge.expected()), **followed.get(number, {})}.items():
                state = self.known.gauges.get(key)
                if state is not None:
                    state.heard = min(state.heard, now)  # our own clock was ahead for a while
                heard = state.heard if state is not None and state.heard else None
                if now - (heard or self.known.since) > longest:
                    yield f"{name} (never heard)" if heard is None else f"{name} (since {_text(heard)})"

    def _followed(self, key: str) -> tuple[int, str]:
        """The number of the gauge that follows what has this key, and what people call it; -1 where none does."""
        if key not in self.named:
            shortest, found = key, (-1, key)
            for number, gauge in enumerate(self.source.gauges):
                topic = gauge.topic_of(key)
                stands = None if topic is None else gauge.fits(topic)
                # The one that `_understood` takes: the first of several, and the one whose number is in the key.
                if topic is not None and stands is not None and (found[0] < 0 or len(topic) < len(shortest)):
                    shortest, found = topic, (number, gauge.called(topic, stands))
            self.named[key] = found
        return self.named[key]


def _text(moment: float) -> str:
    return to_text(datetime.fromtimestamp(moment, UTC).replace(second=0, microsecond=0))


def _mark(message: MQTTMessage) -> str:
    return sha256(message._topic + b"\0" + message.payload).hexdigest()[:LETTERS]


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
