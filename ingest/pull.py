"""What a kind of source that the room asks is: one class in one file of `ingest/sources/`, and a section of the config.

A kind says how to read on from a position (`fetch`) and nothing else: leases, positions, pauses, counts, quarantine and
health are the runner's (`ingest/runner.py`). docs/ingest.md shows how one is written in 50 lines; every kind passes
`tests/ingest/contract.py`.

Its options are the fields of its class, checked with the settings before anything is served. A secret is never one of
them: `Secret` names a variable of the environment or a file.
"""

from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from itertools import islice
from pkgutil import iter_modules
from typing import Any, ClassVar, NewType, TypeVar

import msgspec

import ingest.sources
from liveroom.accounts.sources import StatusAddress
from liveroom.domain.requests import Malformed
from liveroom.domain.timestamps import seconds_of
from liveroom.room.commands.correspondence import CitizenMail
from liveroom.runtime.config import ROOM_KIND, SECRET_WORDS, NoSecret, is_secret, open_secret, sound_values
from liveroom.runtime.errors import ConfigError, Fault
from liveroom.tables.table_plan import TableCity

T = TypeVar("T")

# Items of one batch at most: what is read and not yet in the log is never more.
MOST_IN_BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that was read: ``value`` as JSON in the intake's form, made of the text ``raw``; or what it warns of.

    ``fault``: why no value could be made of it. ``letter``: what a mail is beside a report, which the room asks of it.
    """

    raw: str
    value: Any = None
    fault: Malformed | None = None
    letter: CitizenMail | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """At most MOST_IN_BATCH items, and the position after them: where to read on once they are in the log.

    One without items at the position before is a sign of life, of which nothing is written: a kind that stays connected
    gives one every second or so, since only between batches is it told to end. ``fault``: what is wrong with a part of
    the source though it is read, such as a gauge that is silent.
    """

    items: Sequence[Item]
    position: str
    fault: str = ""


class TryLater(Exception):
    """The source cannot be read just now; ``seconds``: when it may be asked again, where it says so."""

    def __init__(self, why: str, seconds: float = 0.0) -> None:
        super().__init__(why)
        self.seconds = seconds


class Misconfigured(Exception):
    """The source cannot be read until a person mends ``field`` of its settings, or what that names."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field = field


class PullSource(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One configured source. ``every``: how often it is asked; three times as long without an answer is an alarm.

    A kind is a subclass in ``ingest/sources/KIND.py`` whose fields are its options.
    """

    name: str
    every: str = "1m"

    # Its items tell what has been: `reported_at` counts as received, and a `closed_at` ends a complaint.
    history: ClassVar[bool] = False
    # Its items tell what gauges have measured: the channel is `sensor`, and an `over_at` says since when that is over.
    sensor: ClassVar[bool] = False
    # Its items are documents of warnings (`CapAlert`) and no reports: the room makes no complaint of them.
    warns: ClassVar[bool] = False
    # It reads files of this machine and no network: that takes the processor, and is done where it holds nobody up.
    local: ClassVar[bool] = False

    def faults(self) -> Iterator[tuple[str, str]]:
        """What is wrong with the options, as field and message, for what their types do not say."""
        return iter(())

    def fetch(self, position: str | None) -> Iterator[Batch]:
        """What there is after ``position`` (None: from the beginning), until there is no more just now.

        The next batch is asked for when the one before is in the log with its position: whatever follows a ``yield``
        may rely on that. Raises TryLater or Misconfigured; any other exception is a fault of ours, and tried later too.
        """
        raise NotImplementedError

    def fetch_in(self, position: str | None, city: TableCity) -> Iterator[Batch]:
        """As ``fetch``, which most kinds have; one that reads by the city's zone, land and categories has this."""
        del city
        return self.fetch(position)

    def preview_in(self, position: str | None, city: TableCity) -> Batch | None:
        """What ``fetch_in`` would give first, for somebody to look at: nothing changes by it, here or at the source.

        A kind whose reading changes something there, before or with its first batch, has a way of its own.
        """
        return first_of(self.fetch_in(position, city))

    def own_codes(self) -> Sequence[str]:
        """By which codes a source that ``warns`` calls this city in its documents."""
        return ()

    def categories_named(self) -> Iterable[str]:
        """Keys of the city's categories that the options name; one that the city does not have is said at a start."""
        return ()

    def status_to(self) -> StatusAddress | None:
        """Where it is told by Open311 what becomes of its reports; None: nowhere."""
        return None

    @property
    def every_s(self) -> int:
        """``every`` in seconds."""
        return seconds_of(self.every) or 60


def unknown_categories(sources: Iterable[PullSource], known: Collection[str]) -> Iterator[str]:
    """What to say of categories that options name and the city does not have: their reports come in unsorted."""
    for one in sources:
        for key in sorted({*one.categories_named()} - {*known}):
            near = get_close_matches(key, known, 1)
            meant = f"; did you mean {near[0]!r}?" if near else ""
            yield f"the source {one.name} names the category {key!r}, which the city does not have{meant}"


def parts_of(things: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of at most ``size`` of ``things``, in order, each made when it is asked for."""
    left = iter(things)
    while some := list(islice(left, size)):
        yield some


def first_of(batches: Iterator[Batch]) -> Batch | None:
    """The first batch of a reading that ends there; None where there is none."""
    try:
        return next(batches, None)
    finally:
        if isinstance(batches, Generator):
            batches.close()


# Secrets.

# env:LIVEROOM_SECRET_NAME or file:/run/secrets/name; `read_secret` opens it.
Secret = NewType("Secret", str)


def read_secret(secret: Secret, field: str) -> str:
    """What the secret says now. Raises Misconfigured where nothing does."""
    try:
        return open_secret(secret)
    except NoSecret as error:
        raise Misconfigured(field, str(error)) from error


# The kinds there are, and the sources of a configuration.


def kind_named(name: str) -> type[PullSource] | None:
    """The class of the kind: that of the module of its name. None where there is no such kind."""
    if name not in _modules():
        return None
    module = import_module(f"{ingest.sources.__name__}.{name}")
    found = (one for one in vars(module).values() if isinstance(one, type) and one.__module__ == module.__name__)
    return next((one for one in found if issubclass(one, PullSource)), None)


def kinds() -> tuple[str, ...]:
    """The names of all kinds that can be configured."""
    return tuple(name for name in _modules() if kind_named(name) is not None)


def _modules() -> tuple[str, ...]:
    return tuple(sorted(one.name for one in iter_modules(ingest.sources.__path__)))


def configured(
    sections: Sequence[Mapping[str, Any]], where: str, find: Callable[[str], type[PullSource] | None] = kind_named
) -> tuple[PullSource, ...]:
    """The sources of the settings. Raises ConfigError with every fault under its field, as in ``sources[0].every``.

    ``where``: the name of the settings file, for messages.
    """
    sources: list[PullSource] = []
    faults: list[Fault] = []
    for number, section in enumerate(sections):
        if section.get("kind") == ROOM_KIND:  # followed and never taken in: ingest/rooms
            continue
        place = f"{where}: sources[{number}]."
        source, wrong = _source_of(section, place, find)
        faults += wrong
        if source is not None and source.name in {one.name for one in sources}:
            faults.append(Fault(f"{place}name", f"{source.name!r} stands twice"))
        elif source is not None:
            sources.append(source)
    if faults:
        raise ConfigError(faults)
    return tuple(sources)


def _source_of(
    section: Mapping[str, Any], place: str, find: Callable[[str], type[PullSource] | None]
) -> tuple[PullSource | None, list[Fault]]:
    options = dict(section)
    name = options.pop("kind", None)
    kind = find(name) if isinstance(name, str) else None
    if kind is None:
        said = f"must be one of {', '.join(kinds())}"
        return None, [Fault(f"{place}kind", said if name is None else f"{said}, not {name!r}")]
    sound, faults = sound_values(options, kind, place)
    required = [field.name for field in msgspec.structs.fields(kind) if field.required and field.name not in options]
    faults += [Fault(f"{place}{field}", "is required") for field in required]
    faults += [
        Fault(f"{place}{field.name}", f"must be {SECRET_WORDS}, and never the secret itself")
        for field in msgspec.structs.fields(kind)
        if field.type is Secret and field.name in sound and not is_secret(sound[field.name])
    ]
    if faults:
        return None, faults
    source = msgspec.convert(sound, kind)
    return source, [Fault(f"{place}{field}", said) for field, said in (*_basics(source), *source.faults())]


def _basics(source: PullSource) -> Iterator[tuple[str, str]]:
    if not source.name.strip() or len(source.name) > 128 or not source.name.isprintable():
        yield "name", "must be 1 to 128 characters that can be printed"
    if seconds_of(source.every) is None:
        yield "every", "must be a number and a unit, such as 30s, 5m or 2h"
