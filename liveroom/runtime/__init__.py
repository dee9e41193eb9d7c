"""Everything that knows an async library: patching, spawning, sleeping, the database thread, serving and draining.

Why each line is as it is: docs/decisions/0001 and the measurements it cites.
"""

from liveroom.runtime.async_mode import MODES, Bell, Runtime, patch, runtime_of

__all__ = ["MODES", "Bell", "Runtime", "patch", "runtime_of"]
