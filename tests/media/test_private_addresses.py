"""A configured name that leads into the private network is not followed; an address that is configured itself is."""

import socket
from pathlib import Path
from typing import Any

import pytest

from liveroom.media.linked import FetchedPicture, Fetcher

INSIDE = [
    *("127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fd00::1", "100.64.0.1"),
    *("::127.0.0.1", "fec0::1", "64:ff9b:1::a00:1"),
]


@pytest.mark.parametrize("address", INSIDE)
def test_a_name_that_leads_to_a_private_address_is_not_asked(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leads(*_words: Any, **_more: Any) -> list[Any]:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (address, 443))]

    monkeypatch.setattr(socket, "getaddrinfo", leads)
    fetcher = Fetcher((("foto.example.org", 443),), 1_000)
    assert fetcher.fetch("https://foto.example.org/1.jpg", tmp_path / "one") is FetchedPicture.NEVER


@pytest.mark.parametrize(
    "url",
    [
        "http://foto.example.org/1.jpg",
        "https://foto.example.org.evil.example/1.jpg",
        "https://foto.example.org:8443/1.jpg",
        "https://foto.example.org@10.0.0.1/1.jpg",
        "https://[::1/1.jpg",
    ],
)
def test_nobody_but_the_configured_host_is_asked(url: str, tmp_path: Path) -> None:
    assert Fetcher((("foto.example.org", 443),), 1_000).fetch(url, tmp_path / "one") is FetchedPicture.NEVER
