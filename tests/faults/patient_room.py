"""`run.py`, but it waits ten minutes for a pong: a client that does not read is ended by its full queue or not at all.

On a busy machine the pong's ten seconds would otherwise be over before the queue is full.
"""

import os
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[2])

from liveroom.runtime.async_mode import early_mode, patch  # noqa: E402

patch(early_mode(os.environ))

import app  # noqa: E402  # nothing may be imported before the patch
from cli.main import cli  # noqa: E402

app.PING_S = 600
cli()
