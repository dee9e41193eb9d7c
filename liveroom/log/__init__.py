"""The log: one table of events with a dense sequence, written one unit at a time under the head lock."""

from liveroom.log import tables

__all__ = ["tables"]
