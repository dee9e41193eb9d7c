"""What photos and videos say of themselves is read, and nothing of it is in the copies that leave the desk."""

from datetime import UTC, datetime
from pathlib import Path

import av
import pytest
from PIL import Image

from liveroom.domain.complaints.proof import FileForm, MediaLimits, Unfit
from liveroom.media.inspect import look_into
from tests.media.film import film
from tests.rooms.street import View, street


def told(file: Path, folder: Path, limits: MediaLimits | None = None):  # type: ignore[no-untyped-def]
    return look_into(file, folder, limits or MediaLimits(), lambda work: work())


def photographed(file: Path, *, offset: str | None = None) -> Path:
    """A photo with a time, a place, a name and the way the camera was held."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x013B] = "Budi Santoso"
    inner, place = exif.get_ifd(0x8769), exif.get_ifd(0x8825)
    inner[0x9003] = "2026:11:24 10:12:30"
    if offset:
        inner[0x9011] = offset
    place |= {1: "S", 2: (6.0, 10.0, 36.0), 3: "E", 4: (106.0, 37.0, 48.0)}
    exif._ifds |= {0x8769: inner, 0x8825: place}
    street(1, View()).save(file, "JPEG", exif=exif)
    return file


def test_time_place_and_upright_size_of_a_photo(tmp_path: Path) -> None:
    facts = told(photographed(tmp_path / "sent", offset="+07:00"), tmp_path)
    assert (facts.taken_at, facts.times) == (datetime(2026, 11, 24, 3, 12, 30, tzinfo=UTC), "zone")
    assert (facts.lat, facts.lon) == (-6.176667, 106.63)
    assert (facts.width, facts.height) == (720, 960)


def test_a_clock_without_a_zone_is_said_to_be_one(tmp_path: Path) -> None:
    assert told(photographed(tmp_path / "sent"), tmp_path).times == "local"


def test_nothing_of_it_is_in_the_copies(tmp_path: Path) -> None:
    told(photographed(tmp_path / "sent", offset="+07:00"), tmp_path)
    for name in ("clean", "thumb"):
        content = (tmp_path / name).read_bytes()
        assert b"Budi" not in content
        assert b"Exif" not in content
        with Image.open(tmp_path / name) as copy:
            assert copy.height > copy.width


@pytest.mark.parametrize(("suffix", "form"), [("mp4", FileForm.MP4), ("webm", FileForm.WEBM)])
def test_a_video_leaves_its_voice_and_tags_behind(suffix: str, form: FileForm, tmp_path: Path) -> None:
    tags = {"creation_time": "2026-11-24T03:12:30.000000Z", "location": "-6.1767+106.6300/", "artist": "Budi Santoso"}
    facts = told(film(tmp_path / f"sent.{suffix}", tags=tags), tmp_path)
    assert facts.form is form
    assert facts.seconds == pytest.approx(2.0, abs=0.3)
    assert b"Budi" not in (tmp_path / "clean").read_bytes()
    with av.open(str(tmp_path / "clean")) as copy:
        assert [stream.type for stream in copy.streams] == ["video"]
        assert sum(1 for _ in copy.decode(video=0)) == 20
    with Image.open(tmp_path / "thumb") as poster:
        assert poster.format == "JPEG"
    if form is FileForm.MP4:
        assert (facts.lat, facts.lon, facts.times) == (-6.1767, 106.63, "zone")


def test_a_film_that_is_too_long_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unfit) as no:
        told(film(tmp_path / "sent.mp4", seconds=3, sound=False), tmp_path, MediaLimits(video_s=1))
    assert no.value.code == "length"
