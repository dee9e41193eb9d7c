"""`replay`: plays a file's open and close times as a fresh drill room."""

import click


@click.command()
def replay() -> None:
    """Replay."""
