"""The log: one table of events with a dense sequence, written one unit at a time under the head lock."""

from liveroom.log import schema

__all__ = ["schema"]
