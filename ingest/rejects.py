"""The file of rows that were not taken: one JSON object a line, complete or not there at all."""

import json
import os
from pathlib import Path
from types import TracebackType
from typing import TextIO

from liveroom.domain.requests import Malformed


class Rejects:
    """Collects rejects beside ``path`` and puts them in place when the block ends well; an older file then goes."""

    def __init__(self, path: Path) -> None:
        """``path``: the imported file."""
        self._place = path.with_name(path.name + ".rejects.jsonl")
        self._draft = self._place.with_name(self._place.name + ".part")
        self._file: TextIO | None = None
        self.count = 0

    def __enter__(self) -> "Rejects":
        self._file = self._draft.open("w", encoding="utf-8", newline="\n")
        return self

    def add(self, line: int, fault: Malformed) -> None:
        """Keep one; never the row itself, which may hold personal data."""
        assert self._file is not None
        entry = {"line": line, "field": fault.field, "message": fault.message}
        self._file.write(json.dumps(entry) + "\n")
        self.count += 1

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        assert self._file is not None
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        if kind is None and self.count:
            self._draft.replace(self._place)
            return
        self._draft.unlink()
        if kind is None:
            self._place.unlink(missing_ok=True)
