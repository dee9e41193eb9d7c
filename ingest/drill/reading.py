"""Reads drill.yaml of a pack and names every fault; a city without one gets the plain drill."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from string import Formatter

from ingest.drill.plain import plain_script
from ingest.drill.script import FILE, Script
from liveroom.city.city import City
from liveroom.city.sheet import read_yaml, refer
from liveroom.runtime.errors import ConfigError, Fault

HOURS = 24
SAYS = frozenset({"landmark", "since", "just", "n", "street", "area"})
OPENS = frozenset({"text", "Text"})
ADDRESSES = frozenset({"street", "no", "rt", "rw"})
PLACES = frozenset({"address", "area", "district"})


def read_script(folder: Path, city: City) -> Script:
    """The drill of the pack in ``folder``. Raises ConfigError with every fault of its drill.yaml."""
    path = folder / FILE
    if not path.exists():
        return plain_script(city)
    faults: list[Fault] = []
    script = read_yaml(path, Script, faults=faults)
    # What is faulty in its shape is left out of the script: nothing can be said of the rest.
    if script is not None and not faults:
        faults += check(script, city)
    if script is None or faults:
        raise ConfigError(faults)
    return script


def check(script: Script, city: City) -> list[Fault]:
    """What the shape alone does not show: 24 hours, keys that exist, words for every slot."""
    faults = list(_keys(script, city))
    if len(script.curve) != HOURS or not any(script.curve):
        faults.append(Fault(f"{FILE}: curve", f"needs {HOURS} numbers, not all of them 0"))
    if not any(telling.weight for telling in script.categories.values()):
        faults.append(Fault(f"{FILE}: categories", "needs one with a weight"))
    if not script.channels or not any(channel.weight and not channel.office for channel in script.channels):
        faults.append(Fault(f"{FILE}: channels", "needs one with a weight that is always open"))
    for where, templates, slots in _templates(script):
        faults += [
            Fault(f"{FILE}: {where}[{n}]", fault) for n, text in enumerate(templates) for fault in _bad(text, slots)
        ]
    return [*faults, *_words(script)]


def _keys(script: Script, city: City) -> Iterator[Fault]:
    """References into the rest of the pack."""
    for key in script.categories:
        yield from refer(key, city.categories, where=f"{FILE}: categories.{key}", what="category")
    told = {f"clusters[{n}].category": cluster.category for n, cluster in enumerate(script.clusters)}
    if script.burst is not None:
        told["burst.category"] = script.burst.category
        if script.burst.also is not None:
            told["burst.also"] = script.burst.also
        for code in script.burst.areas:
            yield from refer(code, city.areas, where=f"{FILE}: burst.areas.{code}", what="area")
    for where, key in told.items():
        yield from refer(key, script.categories, where=f"{FILE}: {where}", what="category of this drill")


def _templates(script: Script) -> Iterator[tuple[str, Iterable[str], frozenset[str]]]:
    """Every list of templates with the slots that it may hold."""
    for key, telling in script.categories.items():
        yield f"categories.{key}.says", telling.says, SAYS
        yield f"categories.{key}.adds", telling.adds, SAYS
    for channel in script.channels:
        yield f"channels.{channel.name}.opens", channel.opens, OPENS
    yield "vocabulary.addresses", script.vocabulary.addresses, ADDRESSES
    yield "vocabulary.places", script.vocabulary.places, PLACES


def _words(script: Script) -> Iterator[Fault]:
    """Lists from which something is drawn hold something."""
    for part in ("vocabulary", "staff"):
        for name in getattr(script, part).__slots__:
            if not getattr(getattr(script, part), name):
                yield Fault(f"{FILE}: {part}.{name}", "needs at least one")
    for key, telling in script.categories.items():
        if not telling.says:
            yield Fault(f"{FILE}: categories.{key}.says", "needs at least one")


def _bad(template: str, slots: frozenset[str]) -> list[str]:
    """What is wrong with a template."""
    try:
        named = {name for _, name, _, _ in Formatter().parse(template) if name is not None}
    except ValueError as error:
        return [f"is no template: {error}"]
    return [f"knows no slot {name!r}, only {', '.join(sorted(slots))}" for name in sorted(named - slots)]
