"""Names for other people's eyes: a desk may ask what somebody is called."""

from pathlib import Path

from liveroom.domain.requests import Role
from tests.people.house import House


def test_a_desk_is_told_names_by_key_also_of_people_removed_since(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.add("sari")
    house.add("kepala-dlh", Role.AGENCY_HEAD)
    house.staff.remove("kepala-dlh")
    browser = house.browser()
    browser.log_in("sari")
    answer = browser.get("/api/v1/names?of=sari&of=kepala-dlh&of=orang-lain")
    assert answer.get_json() == {"names": {"sari": "Sari", "kepala-dlh": "Kepala-Dlh"}}
    assert answer.headers["Cache-Control"] == "no-store"
    assert browser.get("/api/v1/names?" + "&".join(f"of=k{n}" for n in range(101))).status_code == 422
