"""What every door of the desk answers alike: JSON that nobody keeps, and one shape for each no."""

from collections.abc import Callable
from functools import wraps

import msgspec
from flask import Response

from display.feed.cards import Cards
from display.refusals import refused, unread
from liveroom.domain.requests import Malformed, Refused, Stale, Unknown
from liveroom.log.engine import Unavailable
from liveroom.runtime.http_input import BadJson, TooLarge, Unsupported


def told(value: object, status: int = 200) -> Response:
    """The value as JSON that no browser and no proxy keeps."""
    body, kept = msgspec.json.encode(value), {"Cache-Control": "no-store"}
    return Response(body, status, kept, content_type="application/json")


def answered(cards: Cards) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """Let a door raise what the room raises: each becomes its problem document."""

    def around(door: Callable[..., Response]) -> Callable[..., Response]:
        @wraps(door)
        def answer(**words: str) -> Response:
            try:
                return door(**words)
            except (Unsupported, TooLarge, BadJson, Unavailable) as fault:
                return unread(fault)
            except (Unknown, Malformed, Refused, Stale) as no:
                return refused(no, cards)

        return answer

    return around
