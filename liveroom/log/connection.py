"""The handle on one transaction that reads and writes pass on; whoever holds it need not know SQL."""

from sqlalchemy import Connection

__all__ = ["Connection"]
