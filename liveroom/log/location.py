"""Where a database URL points, for those who must know the file but no SQL."""

from pathlib import Path

from sqlalchemy import make_url


def sqlite_path(url: str) -> Path | None:
    """The file of a SQLite URL; None for other databases and for one in memory."""
    parts = make_url(url)
    if parts.get_backend_name() != "sqlite" or not parts.database or parts.database == ":memory:":
        return None
    return Path(parts.database)
