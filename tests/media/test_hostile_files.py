"""Hostile and broken files: each gets a clear answer, none harms, and what comes out is a plain new picture."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

import pytest
from PIL import Image

from liveroom.domain.complaints.proof import Facts, FileForm, MediaLimits, Unfit
from liveroom.media.inspect import look_into
from liveroom.runtime import MODES
from tests.often import SOAKING
from tests.rooms.hostile_files import cut, named, photo

pytestmark = pytest.mark.long

LIMITS = MediaLimits(photo_mb=8, megapixels=60)
MOST_KILOBYTES = 1_500_000
ROOT = Path(__file__).resolve().parents[2]
# What a server does in each of its modes. Whoever opens a pipe into which nobody writes waits for ever.
AS_A_SERVER = """
import sys
from pathlib import Path
from liveroom.runtime import patch, runtime_of
mode, folder, sent, seconds = sys.argv[1], Path(sys.argv[2]), *sys.argv[3:]
patch(mode)
from liveroom.domain.complaints.proof import MediaLimits, Unfit
from liveroom.media.inspect import look_into
try:
    look_into(folder / sent, folder, MediaLimits(look_s=int(seconds)), runtime_of(mode, "sqlite://").run_child)
    print("read")
except Unfit as no:
    print(no.code)
"""


def looked(content: bytes, folder: Path) -> Facts | Unfit:
    file = folder / "sent"
    file.write_bytes(content)
    try:
        return look_into(file, folder, LIMITS, lambda work: work())
    except Unfit as no:
        assert no.message
        return no


@pytest.mark.parametrize(("content", "codes"), [pytest.param(c, codes, id=name) for name, c, codes in named()])
def test_each_kind_of_hostile_file_has_its_answer(
    content: Callable[[], bytes], codes: frozenset[str], tmp_path: Path
) -> None:
    found = looked(content(), tmp_path)
    assert (found.code if isinstance(found, Unfit) else "") in codes
    if isinstance(found, Facts):
        for name in ("clean", "thumb"):
            with Image.open(tmp_path / name) as copy:
                assert copy.format == "JPEG"
                assert not copy.getexif()
            assert b"<script" not in (tmp_path / name).read_bytes()


@pytest.mark.often
def test_files_cut_and_changed_anywhere_are_read_or_refused_and_never_more(tmp_path: Path) -> None:
    for name, content, codes in cut(20 if SOAKING else 6):
        found = looked(content, tmp_path)
        assert (found.code if isinstance(found, Unfit) else "") in codes, name
    assert getrusage(RUSAGE_CHILDREN).ru_maxrss < MOST_KILOBYTES


def test_a_file_over_the_limit_says_how_much_is_taken(tmp_path: Path) -> None:
    found = looked(photo() + b"\x00" * 8_000_000, tmp_path)
    assert isinstance(found, Unfit)
    assert (found.code, found.message) == ("bytes", "the file is larger than 8 MB")


@pytest.mark.parametrize("mode", MODES)
def test_one_that_takes_for_ever_is_broken_after_its_time_and_another_is_read(mode: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "photo").write_bytes(photo())
    for sent, seconds, said in (("pipe", 1, "broken\n"), ("photo", 60, "read\n")):
        words = [sys.executable, "-c", AS_A_SERVER, mode, str(tmp_path), sent, str(seconds)]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (0, said), done.stderr


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_each_form_of_photo_is_taken_by_content(form: str, tmp_path: Path) -> None:
    found = looked(photo(form=form), tmp_path)
    assert isinstance(found, Facts)
    assert (
        found.form == {"JPEG": FileForm.JPEG, "PNG": FileForm.PNG, "WEBP": FileForm.WEBP, "HEIF": FileForm.HEIC}[form]
    )
    assert (found.width, found.height) == (960, 720)
