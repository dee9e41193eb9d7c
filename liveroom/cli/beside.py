"""What plays beside a serving process: the drill's citizens and staff, or the history of a file."""

import logging
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from ingest.drill.driver import Drill
from ingest.drill.reading import read_script
from ingest.replay import History, Replay
from liveroom.log.engine import Unavailable
from liveroom.room.bootstrap import Opened
from liveroom.runtime import Runtime
from liveroom.runtime.config import Config

PAUSE_S = 0.25
Beside = Callable[[Opened], Callable[[Runtime], None]]
log = logging.getLogger(__name__)


def drill_beside(config: Config) -> Beside:
    """Plays a city's citizens and staff for ever, at the room's pace. Raises ConfigError for a faulty drill.yaml."""
    seed = int(os.environ.get("LIVEROOM_DRILL_SEED") or 3671)

    def prepare(opened: Opened) -> Callable[[Runtime], None]:
        city = opened.room.city
        script = read_script(Path(config.cities) / config.city, city)
        drill = Drill(opened.room, opened.sources, city, seed, script)
        return lambda runtime: _play(runtime, drill.step)

    return prepare


def replay_beside(history: History, source: str) -> Beside:
    """Plays a history once, from its beginning; the room then goes on without it."""

    def prepare(opened: Opened) -> Callable[[Runtime], None]:
        replay = Replay(history, opened.room, opened.sources.ensure(source, None))
        return lambda runtime: _play(runtime, replay.step)

    return prepare


def _play(runtime: Runtime, step: Callable[[], datetime | None]) -> None:
    """Step until there is nothing more; a database that is away is asked again."""
    while True:
        try:
            if step() is None:
                log.warning("what played beside is at its end")
                return
        except Unavailable:
            log.warning("what plays beside waits for the database")
        runtime.sleep(PAUSE_S)
