"""The machinery of a process. Only this package knows an async library (docs/decisions/0001 says why eventlet).

- `config`: the settings, and what is wrong with them
- `async_mode`: which async library, and how to spawn, sleep and run what blocks (`Runtime`, `Bell`)
- `server`: the built-in HTTP and websocket server, one module an async mode, and its limits
- `http_input`: a request's body as bounded JSON; errors as RFC 9457 problems
- `http_client`: outgoing HTTP with bounds; a time limit for any outgoing connection
- `disk`: free space and the log's reserve; files written whole; a cache of files
- `logging`: log records on standard error; `say` to the person at the terminal
- `metrics`: every figure of /metrics
- `language`: the words of pages, letters and messages, a catalogue a language; dates and numbers as each writes them
- `single_flight`: one computation shared by all who ask for the same at the same time
- `time`: the only place that reads a clock
- `errors`: `ConfigError` with every `Fault` of a file
"""

from liveroom.runtime.async_mode import MODES, Bell, Runtime, patch, runtime_of

__all__ = ["MODES", "Bell", "Runtime", "patch", "runtime_of"]
