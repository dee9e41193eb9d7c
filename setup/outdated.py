"""`make outdated`: which locked packages are behind what their registries have, and since when.

Asked through the ordinary clients as they are configured, pip and npm; no address stands here. First come the packages
that parse what strangers send: for those a month is long (docs/upgrade.md).
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib import import_module
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from liveroom.runtime.time import system_now
from setup.step import ROOT

REQUIREMENTS = ROOT / "requirements"
# What each one reads of a stranger's.
PARSERS = {
    "av": "films",
    "pillow": "photos",
    "pillow-heif": "photos of telephones",
    "imagehash": "pixels of both",
    "msgspec": "every JSON body",
    "eventlet": "HTTP and websocket frames",
    "werkzeug": "HTTP, forms, cookies",
    "python-engineio": "messages of the feed",
    "python-socketio": "messages of the feed",
    "simple-websocket": "websocket frames, in threading mode",
    "wsproto": "websocket frames, in threading mode",
    "authlib": "tokens of other services",
    "phonenumbers": "telephone numbers",
}
UNANSWERED = 3
Releases = Mapping[Version, date | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """A package behind its registry: ``since`` the day on which the first later release came out, None: not told.

    ``allowed``: whether the range in requirements/*.in lets it move; None when it stands in none.
    """

    name: str
    locked: str
    newest: str
    since: date | None
    allowed: bool | None


def locked_in(lock: str) -> dict[str, Version]:
    """Names and versions of a lock file of pip-compile."""
    return {canonicalize_name(name): Version(at) for name, at in re.findall(r"^([\w.-]+)==(\S+)", lock, re.MULTILINE)}


def ranges_in(text: str) -> dict[str, Requirement]:
    """The ranges of a file of ours, by name."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    found = (Requirement(line) for line in lines if line and not line.startswith("-"))
    return {canonicalize_name(one.name): one for one in found}


def behind(name: str, locked: Version, releases: Releases, wanted: Requirement | None) -> Behind | None:
    """How far a package is behind; None when nothing later is out."""
    later = {version: at for version, at in releases.items() if version > locked and not version.is_prerelease}
    if not later:
        return None
    newest = max(later)
    told = [at for at in later.values() if at is not None]
    return Behind(
        name=name,
        locked=str(locked),
        newest=str(newest),
        since=min(told) if len(told) == len(later) else None,
        allowed=wanted.specifier.contains(newest) if wanted is not None else None,
    )


def of_npm(outdated: Mapping[str, Any], times: Callable[[str], Mapping[str, str]]) -> list[Behind]:
    """What `npm outdated --json` says; ``times``: what `npm view NAME time --json` says."""
    found = []
    for name, one in sorted(outdated.items()):
        releases = {
            version: datetime.fromisoformat(at).astimezone(UTC).date()
            for text, at in times(name).items()
            if (version := _version(text)) is not None
        }
        locked = Version(one.get("current") or one["wanted"])
        newest = Version(one["latest"])
        late = behind(
            name,
            locked,
            {at: day for at, day in releases.items() if at <= newest} | {newest: releases.get(newest)},
            None,
        )
        if late is not None:
            found.append(late)
    return found


def told(found: Iterable[Behind], today: date) -> list[str]:
    """One line a package, the one that has been behind longest first."""
    rows = [
        (
            one.name,
            f"{one.locked} -> {one.newest}",
            f"since {one.since}, {(today - one.since).days} days" if one.since else "since an unknown day",
            {None: "", True: "", False: "the range in requirements/*.in does not let it move"}[one.allowed],
            f"reads {PARSERS[one.name]}" if one.name in PARSERS else "",
        )
        for one in sorted(found, key=lambda one: (one.since or date.max, one.name))
    ]
    wide = [max((len(row[at]) for row in rows), default=0) for at in range(5)]
    return ["  " + "  ".join(cell.ljust(width) for cell, width in zip(row, wide, strict=True)).rstrip() for row in rows]


def main() -> int:
    """Print what is behind; 0 when every registry answered, else UNANSWERED."""
    locked = locked_in("".join((REQUIREMENTS / f"{name}.txt").read_text() for name in ("run", "dev")))
    wanted = ranges_in("\n".join((REQUIREMENTS / f"{name}.in").read_text() for name in ("run", "dev")))
    releases = releases_of(tuple(locked))
    found = [
        late for name, at in locked.items() if (late := behind(name, at, releases.get(name, {}), wanted.get(name)))
    ]
    silent = [name for name in locked if not releases.get(name)]
    parsing = [one for one in found if one.name in PARSERS]
    today = system_now().date()
    current = sorted(
        f"{name} {locked[name]}" for name in PARSERS.keys() & locked.keys() - {one.name for one in found} - set(silent)
    )
    _say("What parses strangers' files and messages:", told(parsing, today), f"current: {', '.join(current) or 'none'}")
    rest = [one for one in found if one.name not in PARSERS]
    _say(
        "The other Python packages:",
        told(rest, today),
        f"{len(locked) - len(found) - len(silent)} of {len(locked)} are current",
    )
    if silent:
        sys.stdout.write(f"  the index that pip uses did not tell of: {', '.join(sorted(silent))}\n")
    browser = _npm_outdated()
    if browser is None:
        sys.stdout.write("Browser libraries: the registry that npm uses did not answer\n")
    else:
        _say("Browser libraries and their checks:", told(browser, today), "" if browser else "all are current")
    sys.stdout.write(
        "`make lock` renews the locks within the ranges; read CHANGELOGs of what parses, then `make test`.\n"
    )
    return UNANSWERED if silent or browser is None else 0


def releases_of(names: Sequence[str]) -> dict[str, Releases]:
    """What pip's configured index has for this Python, with days where it tells them; no entry for what it has not."""
    try:
        return _releases_with_days(names)
    except (ImportError, AttributeError, TypeError):
        # Pip's inside is its own business: another pip may have another one. Its command line tells versions alone.
        return {name: dict.fromkeys(_versions_of(name)) for name in names}


def _releases_with_days(names: Sequence[str]) -> dict[str, Releases]:
    index = import_module("pip._internal.commands").create_command("index")
    target = import_module("pip._internal.cli.cmdoptions").make_target_python
    failed = import_module("pip._internal.exceptions").PipError
    options, _ = index.parse_args(["versions", "any"])
    found: dict[str, Releases] = {}
    with index.main_context():
        finder = index._build_package_finder(
            options=options,
            session=index._build_session(options),
            target_python=target(options),
            ignore_requires_python=False,
        )
        for name in names:
            days: dict[Version, date | None] = {}
            try:
                candidates = finder.find_all_candidates(name)
            except failed:
                continue
            for one in candidates:
                if (version := _version(str(one.version))) is None or one.link.is_yanked:
                    continue
                at = getattr(one.link, "upload_time", None)
                day = at.date() if at else None
                known = days.get(version)
                days[version] = min(known, day) if known and day else known or day
            found[name] = days
    return found


def _versions_of(name: str) -> list[Version]:
    done = _run([sys.executable, "-m", "pip", "index", "versions", name, "--json"])
    try:
        said = json.loads(done.stdout)["versions"]
    except (ValueError, KeyError):
        return []
    return [version for text in said if (version := _version(text)) is not None]


def _npm_outdated() -> list[Behind] | None:
    """Nothing behind: an empty object. Exit 1 is npm's way to say that something is."""
    done = _run(["npm", "outdated", "--json"])
    try:
        said = json.loads(done.stdout or "{}")
    except ValueError:
        return None
    if "error" in said or (done.returncode and not said):
        return None

    def times(name: str) -> Mapping[str, str]:
        try:
            found = json.loads(_run(["npm", "view", name, "time", "--json"]).stdout)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    return of_npm(said, times)


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


def _run(words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return subprocess.CompletedProcess(words, 127, "", f"{words[0]} is not on the PATH")


def _say(title: str, lines: Sequence[str], last: str) -> None:
    sys.stdout.write("\n".join([title, *lines, *([f"  {last}"] if last else [])]) + "\n")


if __name__ == "__main__":
    sys.exit(main())
