"""`run.py` and its commands: with no command it serves the room."""

import click

from liveroom.cli.city import city
from liveroom.cli.erasing import erase
from liveroom.cli.importing import import_
from liveroom.cli.keeping import backup, doctor, restore
from liveroom.cli.outbox import outbox
from liveroom.cli.people import user
from liveroom.cli.register import screen, source
from liveroom.cli.replaying import replay
from liveroom.cli.serve import clock, courier, serve, web


@click.group(invoke_without_command=True)
@click.option("--drill", is_flag=True, help="The drill room (LATIHAN): own database, simulated staff.")
@click.option("--speed", type=click.IntRange(1, 3600), default=1, help="Drill: seconds of room time in a second.")
@click.option("--from", "from_", default="", metavar="HH:MM", help="Drill: room time at the first start, city time.")
@click.pass_context
def cli(context: click.Context, drill: bool, speed: int, from_: str) -> None:
    """Liveroom: the control-room wall for citizen complaints."""
    context.obj = {"drill": drill}
    if context.invoked_subcommand is None:
        serve(drill=drill, speed=speed, from_=from_)


KEEPING = (backup, restore, erase, doctor)
for command in (source, screen, user, import_, replay, *KEEPING, city, web, clock, courier, outbox):
    cli.add_command(command)
