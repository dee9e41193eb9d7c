"""The AsyncAPI 3 document of the feed: the messages of both ways in Socket.IO's namespace, by the types that are sent.

Cards are described by audience, as the allow-lists of `feed/cards.py` make them. docs/feed.md says what a client does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from display.description import feed_shapes as shapes
from display.feed.server import NAMESPACE
from liveroom import __version__
from liveroom.runtime.language import text

_REF = "#/components/schemas/{name}"
SENT, RECEIVED = "sent", "received"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedMessage:
    """One event of the namespace; ``way``: ``sent`` by a client or ``received`` by it; ``reply``: acknowledgements."""

    name: str
    way: str
    shapes: tuple[Any, ...]
    reply: tuple[Any, ...] = ()


MESSAGES = (
    FeedMessage(
        name="resume",
        way=SENT,
        shapes=(shapes.Position,),
        reply=(shapes.ResumeBatches, shapes.RoomResumeBatches, shapes.ResumeSnapshot, shapes.ResumeUnavailable),
    ),
    FeedMessage(name="report", way=SENT, shapes=(shapes.Report,), reply=(shapes.ReportTaken, shapes.ReportRefused)),
    FeedMessage(name="batch", way=RECEIVED, shapes=tuple(shapes.BATCHES.values())),
    FeedMessage(name="beat", way=RECEIVED, shapes=(shapes.Beat,)),
    FeedMessage(name="cities", way=RECEIVED, shapes=(shapes.Cities,)),
    FeedMessage(name="bye", way=RECEIVED, shapes=(shapes.Bye,)),
    FeedMessage(name="floor", way=RECEIVED, shapes=(shapes.Floor,)),
    FeedMessage(name="call", way=RECEIVED, shapes=(shapes.PageCall,)),
    FeedMessage(name="frozen", way=RECEIVED, shapes=(shapes.Frozen,)),
    FeedMessage(name="revoked", way=RECEIVED, shapes=(shapes.Revoked,)),
)


def document(city: str) -> dict[str, Any]:
    """The document; ``city``: what the room calls itself."""
    made, schemas = _schemas()
    messages: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    for one in MESSAGES:
        messages[one.name] = {"name": one.name, "payload": _either(one.shapes, made)}
        operations[one.name] = {
            # AsyncAPI says what the application of the document does: this room.
            "action": "receive" if one.way == SENT else "send",
            "channel": {"$ref": "#/channels/feed"},
            "messages": [{"$ref": f"#/channels/feed/messages/{one.name}"}],
        }
        if one.reply:
            answer = f"{one.name}Acknowledged"
            messages[answer] = {"name": answer, "payload": _either(one.reply, made)}
            operations[one.name]["reply"] = {
                "channel": {"$ref": "#/channels/feed"},
                "messages": [{"$ref": f"#/channels/feed/messages/{answer}"}],
            }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"Liveroom's feed, {city}",
            "version": __version__,
            "description": text("api.messages_note", "en"),
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "room": {
                "host": "localhost:8000",
                "pathname": "/socket.io/",
                "protocol": "socket.io",
                "protocolVersion": "5",
                "description": "The room that serves this document; TLS and name are those of its proxy.",
                "security": [{"$ref": "#/components/securitySchemes/token"}],
            }
        },
        "channels": {
            "feed": {
                "address": NAMESPACE,
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
        },
        "operations": operations,
        "components": {
            "messages": messages,
            "schemas": schemas,
            "securitySchemes": {
                "token": {
                    "type": "httpApiKey",
                    "name": "token",
                    "in": "header",
                    "description": "A screen's or person's token, {token} in Socket.IO's auth; or a log-in's cookie",
                }
            },
        },
    }


def _schemas() -> tuple[dict[int, Mapping[str, Any]], dict[str, Any]]:
    """The schema of each shape by its identity, and the components that they refer to."""
    each = {id(shape): shape for one in MESSAGES for shape in (*one.shapes, *one.reply)}
    made, components = msgspec.json.schema_components(list(each.values()), ref_template=_REF)
    return dict(zip(each, made, strict=True)), _everywhere(components)


def _everywhere(schema: Any) -> Any:
    """The schema with patterns as every language has them: the end of a text is Python's ``\\Z``, others' ``$``."""
    if isinstance(schema, dict):
        return {
            name: part.replace(r"\Z", "$") if name == "pattern" and isinstance(part, str) else _everywhere(part)
            for name, part in schema.items()
        }
    return [_everywhere(part) for part in schema] if isinstance(schema, list) else schema


def _either(each: tuple[Any, ...], made: Mapping[int, Mapping[str, Any]]) -> Mapping[str, Any]:
    found = [made[id(shape)] for shape in each]
    return found[0] if len(found) == 1 else {"anyOf": found}


def messages(language: str) -> list[dict[str, Any]]:
    """The messages for the page: name, way in words, and the names of their shapes."""
    return [
        {
            "name": one.name,
            "way": text(f"api.message_{one.way}", language),
            "shapes": [_name(shape) for shape in one.shapes],
            "reply": [_name(shape) for shape in one.reply],
        }
        for one in MESSAGES
    ]


def _name(shape: Any) -> str:
    return str(shape.__name__)
