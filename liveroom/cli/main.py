"""`run.py` and its commands: with no command it serves the room."""

from importlib import import_module

import click

from liveroom import __version__

# Where each command stands. Only the one that is called is imported: the libraries of all of them take a second.
COMMANDS = {
    "source": "register:source",
    "screen": "register:screen",
    "user": "people:user",
    "import": "importing:import_",
    "replay": "replaying:replay",
    "backup": "keeping:backup",
    "restore": "keeping:restore",
    "erase": "erasing:erase",
    "doctor": "keeping:doctor",
    "city": "city:city",
    "web": "serve:web",
    "clock": "serve:clock",
    "courier": "serve:courier",
    "outbox": "outbox:outbox",
}


class Commands(click.Group):
    """A group that knows its commands by name."""

    def list_commands(self, _context: click.Context) -> list[str]:
        """Return their names, sorted."""
        return sorted(COMMANDS)

    def get_command(self, _context: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name, None if there is none."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"liveroom.cli.{module}"), name)
        return command


@click.group(cls=Commands, invoke_without_command=True)
@click.version_option(__version__, prog_name="Liveroom", message="%(prog)s %(version)s")
@click.option("--drill", is_flag=True, help="The drill room (LATIHAN): own database, simulated staff.")
@click.option("--speed", type=click.IntRange(1, 3600), default=1, help="Drill: seconds of room time in a second.")
@click.option("--from", "from_", default="", metavar="HH:MM", help="Drill: room time at the first start, city time.")
@click.pass_context
def cli(context: click.Context, drill: bool, speed: int, from_: str) -> None:
    """Liveroom: the control-room wall for citizen complaints."""
    context.obj = {"drill": drill}
    if context.invoked_subcommand is None:
        from liveroom.cli.serve import serve

        serve(drill=drill, speed=speed, from_=from_)
