"""The media store in a folder and in a bucket: the same of both, and what is said while it cannot be used."""

from pathlib import Path

import pytest

from liveroom.media.store import MediaStore, NotStored, StoreUnavailable, sha256_of
from liveroom.runtime.config import MediaSettings, check_media
from tests.services.s3 import BUCKET, S3Server

URL = f"s3://{BUCKET}/kota"
GONE = "0" * 64


def bucket(s3: S3Server, monkeypatch: pytest.MonkeyPatch, url: str = URL, **env: str) -> MediaStore:
    for name, value in (s3.env | env).items():
        monkeypatch.setenv(name, value)
    return MediaStore(url, Path("/nowhere"))


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MediaStore:
    if request.param == "folder":
        return MediaStore("", tmp_path / "data")
    return bucket(request.getfixturevalue("s3"), monkeypatch)


def kept(store: MediaStore, folder: Path, content: bytes) -> str:
    file = folder / "file"
    file.write_bytes(content)
    return store.keep(file)


def test_what_is_kept_is_read_whole_and_in_parts_until_it_is_erased(store: MediaStore, tmp_path: Path) -> None:
    content = bytes(range(256)) * 9000
    name = kept(store, tmp_path, content)
    assert name == kept(store, tmp_path, content) == sha256_of(tmp_path / "file")
    assert store.size(name) == len(content)
    assert b"".join(store.read(name)) == content
    assert b"".join(store.read(name, 1_048_570, 1_048_580)) == content[1_048_570:1_048_580]
    store.probe()
    store.erase(name)
    store.erase(name)
    with pytest.raises(NotStored):
        store.size(name)
    with pytest.raises(NotStored):
        list(store.read(name, 0, 5))
    with pytest.raises(NotStored):
        store.size("../../etc/passwd")


def test_a_long_video_is_kept_whole(store: MediaStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    longest_in_one = 6 << 20  # a store takes no parts of less than 5 MB, but for the last
    monkeypatch.setattr("liveroom.media.store.WHOLE_MOST", longest_in_one)
    content = bytes(longest_in_one + 5)
    name = kept(store, tmp_path, content)
    assert (store.size(name), b"".join(store.read(name))) == (len(content), content)
    store.erase(name)


def refusal(store: MediaStore, file: Path) -> str:
    """What is said of an attempt to keep, to read, to erase and to look: each says that the store is away."""
    said = set()
    for act in (lambda: store.keep(file), lambda: store.size(GONE), lambda: store.erase(GONE), store.probe):
        with pytest.raises(StoreUnavailable) as away:
            act()
        said.add(str(away.value).partition(" (")[0])
    (words,) = said
    return words


def test_what_is_wrong_is_said_in_words_without_a_key(
    s3: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x")
    assert "does not let us in" in refusal(bucket(s3, monkeypatch, AWS_SECRET_ACCESS_KEY="wrong"), file)
    assert "does not let us in" in refusal(bucket(s3, monkeypatch, AWS_ACCESS_KEY_ID="AKIAWRONG"), file)
    missing = refusal(bucket(s3, monkeypatch, "s3://lain/kota"), file)
    assert missing == ("the media store s3://lain/kota is not there: create the bucket or folder, or mend media.store")
    assert "needs AWS_ACCESS_KEY_ID in the env" in refusal(bucket(s3, monkeypatch, AWS_ACCESS_KEY_ID=""), file)
    away = bucket(s3, monkeypatch)
    s3.gate.close()
    assert "does not answer" in refusal(away, file)
    s3.gate.open()
    away.probe()
    with pytest.raises(StoreUnavailable, match="SignatureDoesNotMatch") as told:
        bucket(s3, monkeypatch, AWS_SECRET_ACCESS_KEY="wrong").keep(file)
    assert s3.env["AWS_ACCESS_KEY_ID"] not in str(told.value)


def test_a_folder_that_is_not_mounted_is_not_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    assert "is not there" in refusal(MediaStore(f"file://{tmp_path}/nas", tmp_path), tmp_path / "file")
    assert not (tmp_path / "nas").exists()


@pytest.mark.parametrize("url", ["s3://", "s3://Bukti", "https://minio.example/bukti", "file://media", "/srv/media"])
def test_an_address_that_cannot_be_one_is_refused_at_the_start(url: str) -> None:
    (fault,) = check_media(MediaSettings(store=url), "config.yaml")
    assert fault.where == "config.yaml: media.store"
