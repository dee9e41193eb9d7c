"""What schemathesis draws from the document is answered as the document says: status, type of body, headers, shape.

Here each operation once, of the commands every third, whose answers are alike; tests/soak/test_interface.py walks on.
"""

from tests.display.description.conformance import Conformance
from tests.rooms.furnished import SoakRoom, room

__all__ = ["room"]
THIRD = 3


def test_every_operation_is_answered_as_it_is_described(room: SoakRoom) -> None:
    walk = Conformance(room)
    for number, operation in enumerate(walk.operations()):
        if "commands" not in operation.tags or number % THIRD == 0:
            walk.ask(operation, 1, number)
    assert walk.faults == {}, walk.text()
    assert {status for _, status in walk.counts} >= {200, 204, 401, 403, 404, 422}
