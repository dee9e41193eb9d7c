"""What plays beside a serving process: the drill's citizens and staff, or the history of a file."""

import logging
import os
from collections.abc import Callable
from datetime import datetime

from ingest.drill.driver import Drill
from ingest.replay import History, Replay
from liveroom.log.book import Unavailable
from liveroom.opening import Opened
from liveroom.runtime import Runtime

PAUSE_S = 0.25
log = logging.getLogger(__name__)


def run_drill(opened: Opened, runtime: Runtime) -> None:
    """Play a city's citizens and staff for ever, at the room's own pace."""
    seed = int(os.environ.get("LIVEROOM_DRILL_SEED") or 3671)
    drill = Drill(opened.room, opened.sources, opened.room.city, seed)
    _play(runtime, drill.step)


def run_replay(history: History, source: str) -> Callable[[Opened, Runtime], None]:
    """Play a history once, from its beginning; the room then goes on without it."""

    def run(opened: Opened, runtime: Runtime) -> None:
        replay = Replay(history, opened.room, opened.sources.ensure(source, None))
        _play(runtime, replay.step)
        log.warning("the history is played to its end")

    return run


def _play(runtime: Runtime, step: Callable[[], datetime | None]) -> None:
    """Step until there is nothing more; a database that is away is asked again."""
    while True:
        try:
            if step() is None:
                return
        except Unavailable:
            log.warning("what plays beside waits for the database")
        runtime.sleep(PAUSE_S)
