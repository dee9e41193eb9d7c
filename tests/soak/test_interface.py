"""Requests drawn from the OpenAPI document for minutes, right ones and wrong ones: every answer is as it says."""

from itertools import count
from pathlib import Path

import pytest

from tests.display.description.conformance import Conformance
from tests.rooms.furnished import SoakRoom
from tests.soak.walk import MET, SEED, Walk

pytestmark = [pytest.mark.soak]
# A room is left when its people and screens have been ordered about for so long.
ROUNDS, EXAMPLES = 3, 6


def test_every_operation_is_answered_as_it_is_described(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    walk, numbers, text = Walk(), count(SEED), ""
    while not walk.over:
        number = next(numbers)
        folder = tmp_path / str(number)
        folder.mkdir()
        room = SoakRoom(folder, kind="drill")
        found = Conformance(room)
        for round_ in range(ROUNDS):
            for each, operation in enumerate(found.operations()):
                if walk.over:
                    break
                found.ask(operation, EXAMPLES, number * 100_003 + round_ * 1009 + each, wrong=round_ == ROUNDS - 1)
        room.close()
        text = f"\nthe interface, round {number} (SOAK_SEED)\n{found.text()}"
        if found.faults:
            break
    request.node.user_properties.append((MET, text))
    if found.faults:
        pytest.fail(f"{len(found.faults)} faults; they stand under the counts of the walk", pytrace=False)
