"""Every door that takes JSON or a form reads UTF-8 alone, and says so when another charset is declared."""

import re

import pytest

from display.auth.permissions import PERMISSIONS
from display.auth.visitor import PrincipalKind
from liveroom.domain.requests import Role
from tests.display.auth.permissions_page import routes
from tests.rooms.staffed import House, with_all_doors

FORMS = {"log_in.enter", "lapor.send", "lapor.act", "password.choose", "session.leave"}
JSON = {
    *("intake.complaints", "feed.stalled", "taking.take", "commands.screen", "commands.user", "commands.outbox"),
    *("commands.complaint", "commands.complaints", "commands.alarm", "commands.alarms", "commands.room"),
}
ACTS = {
    "commands.complaint": "accept",
    "commands.complaints": "accept",
    "commands.alarm": "acknowledge",
    "commands.alarms": "acknowledge",
    "commands.room": "silence",
    "commands.screen": "revoke",
    "commands.outbox": "know",
    "commands.user": "reset",
}
OTHER = ("utf-16", "iso-8859-1", '"UTF-16LE"', "latin1", "us-ascii", "utf-8-sig", "x" * 5000)
OURS = ("utf-8", "UTF-8", '"utf-8"', "utf8", '"UTF8"')


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return with_all_doors(tmp_path_factory.mktemp("house"))


@pytest.fixture(scope="module")
def bearers(house: House) -> dict[PrincipalKind, str]:
    house.add("si-admin", Role.ADMIN)
    return {
        PrincipalKind.ADMIN: house.staff.give_token("si-admin"),
        PrincipalKind.SCREEN: house.screens.add("dinding", "wall"),
        PrincipalKind.SOURCE: house.opened.sources.add("app", None),
    }


def posts(house: House) -> dict[str, str]:
    """By endpoint an address of every route that is posted to, with an act that there is where it names one."""
    posting = ((rule.endpoint, rule.rule) for method, rule in routes(house.app) if method == "POST")
    return {name: re.sub(r"/x$", f"/{ACTS.get(name, 'x')}", re.sub(r"<[^>]+>", "x", path)) for name, path in posting}


def doors(house: House) -> dict[str, str]:
    """Of those the ones that take a text."""
    return {name: path for name, path in posts(house).items() if name in FORMS | JSON}


def status(house: House, bearers: dict[PrincipalKind, str], endpoint: str, path: str, charset: str) -> int:
    kinds = PERMISSIONS[endpoint].kinds
    kind = next((kind for kind in bearers if kind in kinds), None)
    headers = {"Authorization": f"Bearer {bearers[kind]}"} if kind and endpoint not in FORMS else {}
    form = "application/x-www-form-urlencoded" if endpoint in FORMS else "application/json"
    body = b"a=1" if endpoint in FORMS else b"[]"
    answer = house.browser().post(path, data=body, content_type=f"{form}; charset={charset}", headers=headers)
    if answer.status_code == 415:
        assert (answer.content_type, answer.get_json(force=True)["code"]) == (
            "application/problem+json",
            "unsupported_media_type",
        )
        assert "utf-8" in answer.get_json(force=True)["message"]
    return answer.status_code


@pytest.mark.parametrize("charset", OTHER, ids=lambda text: text[:12])
def test_another_charset_is_refused_at_every_door(
    house: House, bearers: dict[PrincipalKind, str], charset: str
) -> None:
    taken = {
        name: got for name, path in doors(house).items() if (got := status(house, bearers, name, path, charset)) != 415
    }
    assert taken == {}


@pytest.mark.parametrize("charset", OURS)
def test_utf_8_is_taken_by_any_of_its_names(house: House, bearers: dict[PrincipalKind, str], charset: str) -> None:
    refused = {
        name: got
        for name, path in doors(house).items()
        if (got := status(house, bearers, name, path, charset)) in (415, 500)
    }
    assert refused == {}


def test_who_has_no_key_is_told_that_first(house: House) -> None:
    odd = {"content_type": "application/json; charset=utf-16", "data": b"[]"}
    for path in ("/api/v1/complaints", "/api/v1/complaints/x/accept", "/feed/stalled"):
        assert house.browser().post(path, **odd).status_code == 401
    form = {"content_type": "application/x-www-form-urlencoded; charset=utf-16", "data": b"a=1"}
    assert house.browser().post("/api/v1/complaints", **form).status_code == 401


def test_no_other_route_takes_a_form_in_another_charset(house: House, bearers: dict[PrincipalKind, str]) -> None:
    """Whatever is added later: it refuses the charset, or whoever asks, or the address, but never takes the form."""
    odd = {"content_type": "application/x-www-form-urlencoded; charset=utf-16", "data": b"a=1"}
    headers = {"Authorization": f"Bearer {bearers[PrincipalKind.ADMIN]}"}
    others = {name: path for name, path in posts(house).items() if name not in FORMS | JSON}
    taken = {name: house.browser().post(path, headers=headers, **odd).status_code for name, path in others.items()}
    assert {name: code for name, code in taken.items() if code not in (401, 403, 404, 415)} == {}
