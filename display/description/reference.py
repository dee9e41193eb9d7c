"""The rows of the page `/api`: each operation with its fields in short, its refusals, and an example with curl.

They are read from the OpenAPI document itself, so the page shows what programs are told. Types are written as code:
``string(1..128)``, ``"a" | "b"``, ``Card[]``.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from display.description.openapi import places_of
from liveroom.interface import FORM, Chapter, Operation
from liveroom.runtime.language import text

# What stands in an example where nothing better is known.
_WORDS: Mapping[str, str] = {
    "date-time": "2026-11-24T07:05:00Z",
    "date": "2026-11-24",
    "uuid": "$ID",
    "binary": "",
}
_NAMED: Mapping[str, Any] = {
    "command_id": "cmd-1",
    "seen_seq": 12,
    "id": "$ID",
    "description": "Lampu jalan padam",
    "reason": "sudah diperiksa",
    "text": "sudah diperiksa",
    "ticket": "$TICKET",
    "epoch": "$EPOCH",
    "mark": "$MARK",
    "near": "-6.17,106.63,800",
}
_LONGEST_CHOICE = 12
# Commands for many at once, shown beside those for one.
MANY = ("command_complaints", "command_alarms")


def sections(operations: Sequence[Operation], document: Mapping[str, Any], language: str) -> list[dict[str, Any]]:
    """The parts of the page in their order; commands are gathered by what they are about."""
    found = []
    for group in Chapter:
        own = [one for one in operations if one.group is group]
        rows = [_row(one, document, language) for one in own] if group is not Chapter.COMMANDS else []
        subjects = _subjects(own, document, language) if group is Chapter.COMMANDS else []
        title = text(f"api.group.{group}", language)
        found.append({"key": group.value, "title": title, "operations": rows, "subjects": subjects})
    return found


def shapes_of(*documents: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every named shape of the documents with its fields, by name."""
    schemas = {name: schema for one in documents for name, schema in one["components"]["schemas"].items()}
    return [
        {
            "name": name,
            "about": schema.get("description", "").replace("``", ""),
            "type": [] if "properties" in schema else parts_of(schema),
            "fields": fields_of(schema),
        }
        for name, schema in sorted(schemas.items())
    ]


def _row(one: Operation, document: Mapping[str, Any], language: str) -> dict[str, Any]:
    told = document["paths"][one.path][one.method.lower()]
    body = told.get("requestBody", {}).get("content", {})
    answers = told["responses"]
    return {
        "name": one.name,
        "method": one.method,
        "path": one.path,
        "summary": text(one.key, language, **one.fills),
        "who": told["x-may"],
        "parameters": [_parameter(found) for found in told.get("parameters", ())],
        "media": list(body),
        "bodies": [_body(schema, document) for schema in _either(next(iter(body.values()))["schema"])] if body else [],
        "answers": [_answer(status, said) for status, said in answers.items() if int(status) < 400],
        "errors": [int(status) for status in answers if int(status) >= 400],
        "curl": _curl(one, told, document),
    }


def _subjects(own: Sequence[Operation], document: Mapping[str, Any], language: str) -> list[dict[str, Any]]:
    """Commands by what they are about: a row a command, one example."""
    by_word: dict[str, list[Operation]] = {}
    for one in own:
        by_word.setdefault(one.word, []).append(one)
    found = []
    for word, each in by_word.items():
        if word in MANY:
            continue
        rows = [{**_row(one, document, language), "command": one.fills["name"]} for one in each]
        bodies = [{field["name"] for field in row["bodies"][0]["fields"]} for row in rows]
        common = set.intersection(*bodies)
        found.append(
            {
                "title": text(f"api.op.{word}", language, name="…"),
                "root": max(each, key=lambda one: len(one.path)).path.rpartition("/")[0],
                "rows": rows,
                "common": common,
                "common_fields": [field for field in rows[0]["bodies"][0]["fields"] if field["name"] in common],
                "many": any(f"{word}s" == other for other in by_word),
                "curl": rows[0]["curl"],
            }
        )
    return found


# ---- types in short ----


def type_of(schema: Mapping[str, Any]) -> str:
    """A schema in one line."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(type_of(one) for one in schema["anyOf"]))
    if "enum" in schema or "const" in schema:
        values = [json.dumps(one) for one in schema.get("enum", [schema.get("const")])]
        return " | ".join(values[:_LONGEST_CHOICE]) + (" | …" if len(values) > _LONGEST_CHOICE else "")
    if schema.get("type") == "array":
        inner = type_of(schema["items"]) if isinstance(schema.get("items"), Mapping) else ""
        inner = inner or ", ".join(type_of(one) for one in schema.get("prefixItems", ()))
        most = schema.get("maxItems")
        return (f"({inner})" if " | " in inner else inner) + (
            f"[≤{most}]" if most and "prefixItems" not in schema else "[]"
        )
    kind = schema.get("type", "")
    return str(kind) + _bounds(schema)


def _bounds(schema: Mapping[str, Any]) -> str:
    if schema.get("type") == "string":
        least, most = schema.get("minLength", 0), schema.get("maxLength")
        parts = [schema["format"]] if "format" in schema else []
        parts += [f"{least}..{most}"] if most else []
        return f"({', '.join(parts)})" if parts else ""
    low, high = schema.get("minimum"), schema.get("maximum")
    end = schema.get("exclusiveMaximum")
    if end is not None and end >= 1 << 53:
        end = None
    if low is None and high is None and end is None:
        return ""
    return f"({'' if low is None else low}..{'' if high is None else high})"


def fields_of(schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The fields of an object, the required ones first."""
    required = set(schema.get("required", ()))
    rows = [
        {"name": name, "type": parts_of(one), "required": name in required}
        for name, one in schema.get("properties", {}).items()
    ]
    return sorted(rows, key=lambda row: not row["required"])


def _refs(schema: Any) -> Iterator[str]:
    if isinstance(schema, Mapping):
        if "$ref" in schema:
            yield schema["$ref"].rpartition("/")[2]
        for one in schema.values():
            yield from _refs(one)
    elif isinstance(schema, list):
        for one in schema:
            yield from _refs(one)


def parts_of(schema: Mapping[str, Any]) -> list[tuple[str, bool]]:
    """A schema in one line, in pieces: text, and whether it is the name of a shape."""
    names = "|".join(sorted(set(_refs(schema)), key=len, reverse=True))
    line = type_of(schema)
    if not names:
        return [(line, False)]
    return [(part, number % 2 == 1) for number, part in enumerate(re.split(rf"\b({names})\b", line)) if part]


def _either(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(schema["anyOf"]) if "anyOf" in schema else [schema]


def _body(schema: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    """What is sent, with its fields where it is one object."""
    whole = document["components"]["schemas"][next(_refs(schema))] if "$ref" in schema else schema
    return {"type": parts_of(schema), "fields": fields_of(whole)}


def _parameter(found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": found["name"],
        "where": found["in"],
        "required": found["required"],
        "type": parts_of(found["schema"]),
    }


def _answer(status: str, said: Mapping[str, Any]) -> dict[str, Any]:
    content = said.get("content", {})
    schema: Mapping[str, Any] = next((one["schema"] for one in content.values() if "schema" in one), {})
    is_json = any(media.startswith("application/json") for media in content)
    media = ["" if is_json and one.startswith("application/json") else one.partition(";")[0] for one in content]
    return {"status": int(status), "media": [one for one in media if one], "type": parts_of(schema) if is_json else []}


# ---- examples ----


def example_of(schema: Mapping[str, Any], document: Mapping[str, Any], name: str = "") -> Any:
    """A value of this schema, with its required fields alone."""
    if "$ref" in schema:
        return example_of(document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], document, name)
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], document, name)
    if "enum" in schema or "const" in schema:
        return schema.get("const", (schema.get("enum") or [None])[0])
    match schema.get("type"):
        case "object":
            properties = schema.get("properties", {})
            return {
                one: example_of(properties[one], document, one)
                for one in schema.get("required", ())
                if one in properties
            }
        case "array":
            return [example_of(schema.get("items", {}), document, name)] if schema.get("minItems") else []
        case "integer" | "number":
            return _NAMED.get(name, max(1, schema.get("minimum", 1)))
        case "boolean":
            return True
        case _:
            return _NAMED.get(name, _WORDS.get(schema.get("format", ""), name or "…"))


def _curl(one: Operation, told: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    """A call of it, with what has to be said."""
    path = one.path
    for name in places_of(path):
        values = one.places.get(name, {}).get("enum", ())
        path = path.replace(f"{{{name}}}", values[0] if values else f"${name.upper()}")
    parameters = [found for found in told.get("parameters", ()) if found["required"] and found["in"] != "path"]
    asked = "&".join(
        f"{found['name']}={quote(str(example_of(found['schema'], document, found['name'])), safe='$,:')}"
        for found in parameters
        if found["in"] == "query"
    )
    lines = [f'curl -s "$ROOM{path}{"?" + asked if asked else ""}"']
    if one.method not in ("GET", "POST"):
        lines[0] = lines[0].replace("curl -s", "curl -s " + ("-I" if one.method == "HEAD" else f"-X {one.method}"))
    lines += [
        f"-H '{found['name']}: {example_of(found['schema'], document)}'"
        for found in parameters
        if found["in"] == "header"
    ]
    if any(scheme in one for one in told["security"] for scheme in ("sourceKey", "personToken", "screenToken")):
        lines.append('-H "Authorization: Bearer $KEY"')
    lines += _data(one, told, document)
    return " \\\n  ".join(lines)


def _data(one: Operation, told: Mapping[str, Any], document: Mapping[str, Any]) -> list[str]:
    if one.body is None:
        return []
    media, content = next(iter(told["requestBody"]["content"].items()))
    value = content.get("example") or example_of(content["schema"], document)
    if media == FORM:
        return [f"--data-urlencode '{name}={said}'" for name, said in value.items()]
    if media.startswith("application/json"):
        return ["-H 'Content-Type: application/json'", f"-d '{json.dumps(value, ensure_ascii=False)}'"]
    return [f"-H 'Content-Type: {media}'", "--data-binary @FILE"]
