"""Everything that knows an async library: patching, spawning, sleeping, the database thread, serving and draining.

Why each line is as it is: docs/decisions/0001 and the measurements it cites.
"""

from liveroom.runtime.contract import Bell, Runtime
from liveroom.runtime.start import MODES, patch, runtime_of

__all__ = ["MODES", "Bell", "Runtime", "patch", "runtime_of"]
