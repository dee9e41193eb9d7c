"""`report`: a day, a week or a month as PDF, HTML, CSV or XLSX, and the situation map; beside a running server.

Also the press of the schedule: the same command in a process of its own, since what prints a page must never be in a
process that serves.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click
import msgspec

from cli.context import drill_option, handle_errors, opened
from liveroom.city.city import City
from liveroom.domain.requests import Malformed
from liveroom.domain.timestamps import read_or_none, to_text
from liveroom.evaluation.periods import period_between
from liveroom.reports.brief import NotBegun
from liveroom.reports.edition import FORMS, HTML, Edition, Kind, Order, Printed, day_before, made
from liveroom.reports.schedule import CannotMake, Press
from liveroom.reports.situation_map import read_situation, situation_html
from liveroom.runtime import Runtime
from liveroom.runtime.config import Config
from liveroom.runtime.disk import whole_file
from liveroom.runtime.language import catalogue
from liveroom.runtime.server.thread_mode import ThreadRuntime
from liveroom.runtime.time import system_now

_ROOT = Path(__file__).resolve().parents[1]
# A page takes a second or two; a month of a large city some more.
_LONGEST_S = 300
_LANGUAGE = click.option("--language", default="", help="By its code, such as en; else the city's own.")
_OUT = click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="FILE.pdf, .html, .csv or .xlsx."
)


@click.group()
def report() -> None:
    """Reports of the room: a day, a week, a month, and the situation map."""


def _add(kind: Kind, purpose: str) -> None:
    @report.command(kind, help=purpose)
    @click.option("--date", "day", default="", metavar="YYYY-MM-DD", help="A day of it; else the last that is over.")
    @_OUT
    @_LANGUAGE
    @click.option("--agency", default="", help="Of this agency alone, by its key.")
    @click.option("--was-due", default="", hidden=True)
    @click.option("--told", is_flag=True, hidden=True)
    @drill_option
    def make(day: str, out: Path, language: str, agency: str, drill: bool, **press: Any) -> None:
        form = _form(out, FORMS)
        with handle_errors():
            room = opened(drill=drill).room
            order = Order(
                report=kind,
                day=_day(day) if day else day_before(kind, room.city.policy.day(room.now())),
                language=_language(language, room.city),
                agency=_agency(agency, kind, room.city),
                was_due=read_or_none(press["was_due"] or None),
            )
            try:
                edition, body = made(room.log, room.city, order, form, ThreadRuntime())
            except NotBegun as fault:
                raise click.BadParameter(str(fault), param_hint="--date") from fault
            _write(out, body)
        click.echo(msgspec.json.encode(edition).decode() if press["told"] else _said(out, edition))


for _kind, _purpose in (
    ("daily", "The brief of a day: what waits for a decision, the day's sum, what is late, where they wait."),
    ("weekly", "A week, Monday to Sunday, of the room or of one agency."),
    ("monthly", "A month of the room or of one agency."),
):
    _add(_kind, _purpose)  # type: ignore[arg-type]  # click keeps no closed sets


@report.command("map")
@_OUT
@_LANGUAGE
@drill_option
def situation(out: Path, language: str, drill: bool) -> None:
    """How many reports are open in each area now, as one HTML file that needs no network."""
    _form(out, (HTML,))
    with handle_errors():
        room = opened(drill=drill).room
        spoken = _language(language, room.city)
        with room.log.slices() as slices:
            situation = read_situation(slices, room.city)
        _write(out, situation_html(situation, room.city, spoken).encode())
    click.echo(f"{out}: {situation.open_n} open reports, log 1-{situation.position.seq}")


def _said(out: Path, edition: Edition) -> str:
    days = str(edition.first) if edition.first == edition.last else f"{edition.first} to {edition.last}"
    return f"{out}: {edition.report} report of {days}, log 1-{edition.seq}, fingerprint {edition.fingerprint}"


# The options. Each fault names its own.


def _form(out: Path, forms: Sequence[str]) -> str:
    form = out.suffix.removeprefix(".").lower()
    if form not in forms:
        raise click.BadParameter(f"{out.name} must end with .{', .'.join(forms)}", param_hint="--out")
    if not out.absolute().parent.is_dir():
        raise click.BadParameter(f"there is no folder {out.absolute().parent}", param_hint="--out")
    return form


def _day(said: str) -> date:
    try:
        return period_between(said, said).first
    except Malformed as fault:
        raise click.BadParameter(f"{said!r} {fault.message}", param_hint="--date") from fault


def _language(said: str, city: City) -> str:
    known = catalogue().languages
    if said and said not in known:
        raise click.BadParameter(f"must be one of {', '.join(known)}, not {said!r}", param_hint="--language")
    return said or city.languages[0]


def _agency(said: str, kind: Kind, city: City) -> str | None:
    if said and kind == "daily":
        raise click.BadParameter(
            "the daily brief is of the whole room: weekly and monthly take one", param_hint="--agency"
        )
    if said and said not in city.agencies:
        near = get_close_matches(said, list(city.agencies), n=1)
        hint = f": is it {near[0]}?" if near else f": there are {', '.join(city.agencies)}"
        raise click.BadParameter(f"{said!r} is no agency of {city.name}{hint}", param_hint="--agency")
    return said or None


def _write(out: Path, body: bytes) -> None:
    """Write the file whole or not at all."""
    try:
        with whole_file(out) as file:
            file.write(body)
    except OSError as error:
        raise click.BadParameter(f"{out}: {error.strerror or error}", param_hint="--out") from error


# The press of the schedule.


def report_press(config: Config, kind: str, runtime: Runtime) -> Press:
    """Prints by this very command in a process of its own, which ends after five minutes at the latest."""
    folder = Path(config.data_dir).resolve()

    def press(order: Order) -> Printed:
        _tidy(folder)
        try:
            with tempfile.NamedTemporaryFile(prefix="report-", suffix=".pdf", dir=folder, delete=False) as made_file:
                file = Path(made_file.name)
        except OSError as error:
            raise CannotMake(_reason(error)) from error
        try:
            told = runtime.run_child(lambda: _run(order, file, config.database_url(kind), drill=kind == "drill"))
            return Printed(edition=msgspec.json.decode(told, type=Edition), file=file)
        except (OSError, subprocess.SubprocessError, msgspec.MsgspecError) as error:
            file.unlink(missing_ok=True)
            raise CannotMake(_reason(error)) from error

    return press


def _tidy(folder: Path) -> None:
    """Remove what a server left that was killed while it printed."""
    for left in folder.glob("report-*.pdf"):
        with suppress(OSError):
            if system_now().timestamp() - left.stat().st_mtime > 2 * _LONGEST_S:
                left.unlink()


def _run(order: Order, file: Path, database: str, *, drill: bool) -> bytes:
    words = ["report", order.report, "--date", order.day.isoformat(), "--out", str(file), "--language", order.language]
    words += ["--told", *(["--drill"] if drill else []), *(["--agency", order.agency] if order.agency else [])]
    words += ["--was-due", to_text(order.was_due)] if order.was_due else []
    limit = shutil.which("timeout")
    gentle = shutil.which("nice")
    command = [*([limit, "--signal=KILL", str(_LONGEST_S)] if limit else []), *([gentle] if gentle else [])]
    command += [sys.executable, str(_ROOT / "run.py")]
    # Its own settings are this process's: the same file and environment, and the very database that is open here.
    environment = {**os.environ, "LIVEROOM_DATABASE_URL": database, "LIVEROOM_CONFIG": _settings_path()}
    environment.pop("NOTIFY_SOCKET", None)
    done = subprocess.run(
        [*command, *words],
        cwd=Path.cwd(),
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        start_new_session=True,
        check=True,
    )
    return done.stdout.strip().rpartition(b"\n")[2]


def _settings_path() -> str:
    return str(Path(os.environ.get("LIVEROOM_CONFIG") or "config.yaml").absolute())


def _reason(error: Exception) -> str:
    """The last line that the process wrote, which says what is missing."""
    said = getattr(error, "stderr", None) or b""
    lines = said.decode("utf-8", "replace").strip().splitlines() if isinstance(said, bytes) else []
    return lines[-1] if lines else f"{type(error).__name__}: {error}"
