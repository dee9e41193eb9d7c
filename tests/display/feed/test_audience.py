"""Whoever is of an agency gets that agency's feed, whatever they ask for."""

import json

import pytest

from liveroom.domain.requests import Role
from tests.rooms.staffed import House


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(tmp_path_factory.mktemp("audience"))


@pytest.fixture(scope="module")
def tokens(house: House) -> dict[str, str]:
    return house.one_of_each()


@pytest.mark.parametrize("wanted", ["", "wall", "visit", "desk", "lead", "agency:dishub", "agency:dpupr", "x"])
@pytest.mark.parametrize("role", [Role.AGENCY, Role.AGENCY_HEAD])
def test_an_officer_of_an_agency_is_given_no_other_feed(
    house: House, tokens: dict[str, str], role: Role, wanted: str
) -> None:
    browser, bearer = house.browser(), {"Authorization": f"Bearer {tokens[role.value]}"}
    answer = browser.get(f"/feed/snapshot?audience={wanted}", headers=bearer)
    own = house.web.tail._identity.epoch(house.opened.head.epoch, "agency:dpupr")
    assert (answer.status_code, json.loads(answer.data)["epoch"]) == (200, own)


def test_figures_about_all_agencies_are_not_an_agency_s(house: House, tokens: dict[str, str]) -> None:
    told = {
        role: house.browser()
        .get("/feed/figures?scene=agencies", headers={"Authorization": f"Bearer {token}"})
        .status_code
        for role, token in tokens.items()
    }
    assert {role for role, status in told.items() if status in (401, 403)} == {"agency", "agency_head"}
    assert {status for status in told.values() if status not in (401, 403)} == {200}
