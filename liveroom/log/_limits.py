"""Carved."""

from dataclasses import dataclass, field
from datetime import timedelta

from liveroom.domain.requests import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """``idle``: without an act; ``longest``: since the log-in; the warning comes ``warn`` before either.

    ``second_factor``: the roles whose log-in by a password stands only with a second factor.
    """

    idle: timedelta = timedelta(minutes=60)
    longest: timedelta = timedelta(hours=12)
    warn: timedelta = timedelta(minutes=5)
    second_factor: frozenset[Role] = field(default_factory=frozenset)
