"""What an admin could do about a person now: the page and the answer to a command have one rule."""

from dataclasses import replace

import pytest

from liveroom.domain.requests import Role
from liveroom.domain.users import UserAccount, UserCommandName, allowed, refusal

ACTIVE = UserAccount(disabled=False, by_provider=False, second_factor=True, own=False)
ALWAYS = {"log_out"}


@pytest.mark.parametrize(
    ("user", "possible"),
    [
        (ACTIVE, {"change", "reset", "disable", "reset_factor"}),
        (replace(ACTIVE, second_factor=False), {"change", "reset", "disable"}),
        (replace(ACTIVE, own=True), {"change", "reset", "disable"}),
        (replace(ACTIVE, by_provider=True), {"disable", "reset_factor"}),
        (replace(ACTIVE, disabled=True), {"change", "enable", "reset_factor"}),
    ],
)
def test_what_is_possible_with_a_person(user: UserAccount, possible: set[str]) -> None:
    assert {name.value for name in allowed(user, Role.ADMIN)} == possible | ALWAYS
    assert allowed(user, Role.SUPERVISOR) == ()
    refused = {name for name in UserCommandName if refusal(name, user) is not None}
    assert refused == set(UserCommandName) - {"add"} - possible - ALWAYS
