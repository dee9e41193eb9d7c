"""Carved."""

from liveroom.runtime.server.websockets import ThreadWebSocket


def websocket_of(mode: str) -> type:
    """The class that Engine.IO is to open websockets with; called with its handler and its server.

    The Engine.IO socket that the handler is bound to gets ``liveroom_tcp``, the connection under it; as long as it has
    no true ``liveroom_joined`` it is a stranger's.
    """
    if mode == "eventlet":
        from liveroom.runtime.server.eventlet_mode import GreenWebSocket

        return GreenWebSocket
    return ThreadWebSocket
