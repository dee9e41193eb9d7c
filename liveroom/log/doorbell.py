"""The doorbell: the wake-up after a commit, for this process's tail directly and for other processes over Redis.

A ring that is lost costs time, never data: every tail also polls, every 0.2 s, or every second while Redis carries the
rings.
"""

import logging
from collections.abc import Callable
from typing import Any

from liveroom.runtime import Bell, Runtime
from liveroom.runtime.metrics import DOORBELL

POLL_ALONE_S, POLL_WITH_REDIS_S = 0.2, 1.0
PAUSE_S, LONGEST_PAUSE_S = 0.25, 2.0
log = logging.getLogger(__name__)


class Doorbell:
    """``bell`` wakes this process's tail. ``url`` empty: no Redis, and the tail polls more often."""

    def __init__(self, url: str, channel: str, bell: Bell) -> None:
        self._url = url
        self._channel = channel
        self._bell = bell
        self._outgoing = Bell()
        self.poll_s = POLL_WITH_REDIS_S if url else POLL_ALONE_S

    def ring(self, _seq: int) -> None:
        """Wake every tail; never waits and never fails."""
        self._bell.ring()
        self._outgoing.ring()

    def start(self, runtime: Runtime) -> None:
        """Carry rings to and from Redis in the background; nothing to do without it."""
        if self._url:
            runtime.spawn(self._forever, runtime, self._publish)
            runtime.spawn(self._forever, runtime, self._listen)

    def _forever(self, runtime: Runtime, work: Callable[[], None]) -> None:
        # For cost, here and below: most rooms have no Redis, and no command listens to it.
        from redis.exceptions import RedisError

        pause = PAUSE_S
        while True:
            try:
                work()
                pause = PAUSE_S
            except RedisError as error:
                self.poll_s = POLL_ALONE_S
                DOORBELL.set(0)
                log.warning("redis does not carry the bell: %s", type(error).__name__)
                runtime.sleep(pause)
                pause = min(LONGEST_PAUSE_S, pause * 2)

    def _publish(self) -> None:
        from redis import Redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        client = Redis.from_url(self._url, retry=Retry(NoBackoff(), 0), socket_timeout=0.25, socket_connect_timeout=1)
        while True:
            if self._outgoing.wait(60):
                client.publish(self._channel, b"1")

    def _listen(self) -> None:
        from redis import Redis

        client = Redis.from_url(self._url, socket_connect_timeout=1, health_check_interval=5)
        listening: Any = client.pubsub(ignore_subscribe_messages=False)  # type: ignore[no-untyped-call]
        listening.subscribe(self._channel)
        while True:
            message = listening.get_message(timeout=1.0)
            if message is None:
                continue
            # A subscription rings as well: that read covers all that was missed while nobody listened.
            self.poll_s = POLL_WITH_REDIS_S
            DOORBELL.set(1)
            self._bell.ring()
