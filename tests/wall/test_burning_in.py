"""No pixel shows one bright thing for long (CR-67, CR-69): ten minutes of a wall's time, looked at once a minute."""

from io import BytesIO

import numpy
import pytest
from PIL import Image, ImageChops

from tests.wall.conftest import Open, Wall
from tests.wall.fake_room import FakeRoom

pytestmark = pytest.mark.browser
MINUTE = 60_000
# Relative luminance 0.5 in the grey of a picture: all that is brighter here is white, text or yellow.
BRIGHT = 188
MOST = 0.01


def seen(page: Wall) -> Image.Image:
    """The screen as it is now, in grey."""
    return Image.open(BytesIO(page.page.screenshot())).convert("L")


def largest(picture: Image.Image) -> float:
    """The share of the screen that its largest bright area takes."""
    from scipy import ndimage  # half a second of every worker that collects this file

    bright = numpy.asarray(picture) > BRIGHT
    areas, n = ndimage.label(bright)
    return float(numpy.bincount(areas.ravel())[1:].max() / bright.size) if n else 0.0


@pytest.mark.parametrize("lost", [False, True], ids=["live", "lost"])
def test_cr_69_no_large_bright_area_stays_for_ten_minutes(room: FakeRoom, wall: Open, lost: bool) -> None:
    # A picture of half the size in each direction shows the same share of the screen.
    page = wall("scene=board", device_scale_factor=0.5).still()
    page.painted(room.order(alarms=[{"id": f"critical:{i}", "of": i, "priority": 1} for i in range(4)])["seq"])
    if lost:
        room.tell("mute")
        page.run(18_000)
        # The last beat may have come after the room fell silent.
        page.until(lambda: page.state("freshness") == "lost", "the data to be lost")
    first = kept = seen(page)
    for minute in range(10):
        page.leap(MINUTE)
        if not lost:
            page.painted(room.order(cards=[{"status": "waiting" if minute % 2 else "done"}])["seq"])
            page.live()
        kept = ImageChops.darker(kept, seen(page))
    assert page.state("freshness") == ("lost" if lost else "live")
    assert largest(first) > (MOST if lost else 0), "there is something bright"
    assert largest(kept) <= MOST
