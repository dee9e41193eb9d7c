"""The OpenAPI document: it is valid, every route is in it or in the list of what is none, and nothing else is."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, template_rendered
from openapi_spec_validator import OpenAPIV31SpecValidator

from display.auth.permissions import PERMISSIONS
from display.description import page_routes, room_routes
from ingest import intake_routes
from liveroom.interface import Operation
from liveroom.runtime.language import catalogue
from tests.display.auth.permissions_page import routes
from tests.rooms.staffed import House, with_all_doors

OPERATIONS = (*intake_routes.operations(), *room_routes.operations(), *page_routes.operations())
NONE = {**intake_routes.NO_INTERFACE, **page_routes.NO_INTERFACE}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return with_all_doors(tmp_path_factory.mktemp("doors"))


@pytest.fixture(scope="module")
def document(house: House) -> dict[str, Any]:
    answer = house.browser().get("/api/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


def test_it_is_valid_openapi(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    faults = OpenAPIV31SpecValidator(document).iter_errors()
    assert [f"{list(one.absolute_path)}: {one.message[:200]}" for one in faults] == []


def test_every_route_is_described_or_no_interface_for_a_reason(house: House) -> None:
    described = {(one.endpoint, one.method) for one in OPERATIONS}
    there = {(rule.endpoint, method) for method, rule in routes(house.app)}
    missing = sorted(one for one in there - described if one[0] not in NONE)
    assert missing == [], "describe these routes beside them, or say why they are no interface"
    assert sorted({endpoint for endpoint, _ in described} & NONE.keys()) == []
    assert sorted(NONE.keys() - {endpoint for endpoint, _ in there}) == []


def test_every_described_operation_is_answered_by_its_route(house: House) -> None:
    assert sorted(f"{one.method} {one.path}: {answering(house.app, one)}" for one in OPERATIONS
                  if answering(house.app, one) != one.endpoint) == []  # fmt: skip


def answering(app: Flask, one: Operation) -> str:
    """The endpoint that answers an operation; its path's parts filled with one of their values, else with anything."""
    values = {name: shape["enum"][0] for name, shape in one.places.items() if "enum" in shape}
    path = re.sub(r"{(\w+)}", lambda part: values.get(part[1], "x1"), one.path)
    try:
        return str(app.url_map.bind("room").match(path, one.method)[0])
    except Exception as error:  # noqa: BLE001 - whatever is raised is no route
        return repr(error)


def test_no_two_operations_share_a_name_or_an_address() -> None:
    names = [one.name for one in OPERATIONS]
    assert sorted({name for name in names if names.count(name) > 1}) == []
    addresses = [(one.method, re.sub(r"{\w+}", "{}", one.path)) for one in OPERATIONS]
    assert sorted({address for address in addresses if addresses.count(address) > 1}) == []
    templates = {re.sub(r"{\w+}", "{}", one.path): one.path for one in OPERATIONS}
    assert sorted(one.path for one in OPERATIONS if templates[re.sub(r"{\w+}", "{}", one.path)] != one.path) == []


def test_every_operation_has_its_line_and_no_other_has_one() -> None:
    for language, texts in catalogue().texts.items():
        lines = {key for key in texts if key.startswith("api.op.")}
        assert lines == {one.key for one in OPERATIONS}, language


def test_who_may_is_the_permission_table(document: dict[str, Any]) -> None:
    for one in OPERATIONS:
        told = document["paths"][one.path][one.method.lower()]
        assert set(told["x-may"]) <= {kind.value for kind in PERMISSIONS[one.endpoint].kinds}, one.name


def test_it_is_kept_by_its_tag(house: House) -> None:
    browser = house.browser()
    for path in ("/api/openapi.json", "/api/asyncapi.json"):
        first = browser.get(path)
        again = browser.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (first.status_code, again.status_code, again.data) == (200, 304, b"")


def test_its_page_is_written_once_for_all_who_look(house: House) -> None:
    written: list[str] = []
    house.browser().get("/api")
    with template_rendered.connected_to(lambda _, template, **__: written.append(template.name), house.app):
        assert "POST" in house.browser().get("/api").text
    assert "interface.html" in written and "_interface_parts.html" not in written


def test_nothing_of_this_room_is_in_it(document: dict[str, Any], tmp_path: Path) -> None:
    text = str(document)
    assert str(tmp_path.parent) not in text and "postgresql" not in text
