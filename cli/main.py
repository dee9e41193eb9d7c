"""The group of all commands. Without a command, `run.py` serves the room."""

from importlib import import_module
from typing import NamedTuple

import click

from liveroom import __version__


class Place(NamedTuple):
    """Module and name of a command, and the first paragraph of its help for the list of commands."""

    module: str
    name: str
    purpose: str


# Only the command that is called is imported: the libraries of all of them take a second.
COMMANDS = {
    "source": Place("sources", "source", "Apps and channels that feed the room."),
    "screen": Place("accounts", "screen", "Displays that may look without a person."),
    "follower": Place("accounts", "follower", "Other rooms, such as a province's, that may follow this one."),
    "user": Place("accounts", "user", "People who log in."),
    "import": Place(
        "data",
        "import_",
        "Import FILE (CSV, JSON, JSON lines, GeoJSON, XLSX); rejected rows go to FILE.rejects.jsonl, exit 1 if any is.",
    ),
    "replay": Place(
        "serve",
        "replay",
        "Play FILE as a drill room of its own, from its first row on; an earlier replay is thrown away.",
    ),
    "backup": Place(
        "data",
        "backup",
        "Write the whole log to FILE, beside a running server, and what was ever erased to FILE.erasures.",
    ),
    "restore": Place(
        "data",
        "restore",
        "Replace the room by the one in FILE; the server must be stopped, every screen takes a new snapshot.",
    ),
    "erase": Place(
        "data",
        "erase",
        "Erase texts, person, pictures and search words of COMPLAINT, now and after every restore.",
    ),
    "accesses": Place(
        "data",
        "accesses",
        "List who was shown the name, telephone or e-mail of COMPLAINT's reporter and when, the latest first.",
    ),
    "doctor": Place(
        "data",
        "doctor",
        "Check that log and projection are whole; each finding on a line, exit 1 if there is one.",
    ),
    "report": Place("reports", "report", "Reports of the room: a day, a week, a month, and the situation map."),
    "city": Place("city", "city", "City packs."),
    "drill-recording": Place(
        "data", "drill_recording", "Write a day of the drill room as one page with a scrubber, which needs no server."
    ),
    "open-data": Place(
        "data", "open_data", "Make the files of open data of a month that is over, by default the last."
    ),
    "feed": Place("feed", "feed", "The live feed, ours or anybody's that speaks it."),
    "web": Place("serve", "web", "Serve pages and the feed; clock and courier run elsewhere."),
    "clock": Place("serve", "clock", "Judge deadlines and open days; one is active, others stand by."),
    "ingest": Place(
        "serve", "ingest", "Ask the sources that config.yaml names; each is asked by one process, others stand by."
    ),
    "courier": Place(
        "serve", "courier", "Carry the outbox to agencies, offices and sources; one is active, others stand by."
    ),
    "outbox": Place("outbox", "outbox", "What has to reach agencies, offices and sources."),
}


class Commands(click.Group):
    """A group that lists its commands without importing them."""

    def list_commands(self, _context: click.Context) -> list[str]:
        """Return their names, sorted."""
        return sorted(COMMANDS)

    def get_command(self, _context: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name, None if there is none."""
        if cmd_name not in COMMANDS:
            return None
        place = COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(f"cli.{place.module}"), place.name)
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """List them as click does, without importing them."""
        names = self.list_commands(context)
        room = formatter.width - 6 - max(map(len, names))
        rows = [(name, click.Command(name, help=COMMANDS[name].purpose).get_short_help_str(room)) for name in names]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.group(cls=Commands, invoke_without_command=True)
@click.version_option(__version__, prog_name="Liveroom", message="%(prog)s %(version)s")
@click.option("--drill", is_flag=True, help="The drill room (LATIHAN): own database, simulated staff.")
@click.option("--speed", type=click.IntRange(1, 3600), default=1, help="Drill: seconds of room time in a second.")
@click.option("--from", "from_", default="", metavar="HH:MM", help="Drill: room time at the first start, city time.")
@click.option("--history", default="", metavar="8w", help="Drill: weeks that a new room has lived already.")
@click.pass_context
def cli(context: click.Context, drill: bool, speed: int, from_: str, history: str) -> None:
    """Liveroom: the control-room wall for citizen complaints."""
    context.obj = {"drill": drill}
    if context.invoked_subcommand is None:
        from cli.serve import serve  # for cost: no other command needs what serves

        serve(drill=drill, speed=speed, from_=from_, history=history)
    elif history:
        raise click.UsageError("--history belongs to `run.py --drill` alone, which makes the room and serves all of it")
