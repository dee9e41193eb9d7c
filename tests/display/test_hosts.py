"""A Host header is a name and perhaps a port: what has more in it is nobody's name."""

import pytest

from display.auth.visitor import host_name


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("ruang.example", "ruang.example"),
        ("127.0.0.1:8000", "127.0.0.1"),
        ("[::1]:8000", "::1"),
        ("[::1]evil", ""),
        ("[::1", ""),
        ("127.0.0.1:xevil", ""),
        ("127.0.0.1:80:90", ""),
        ("sari@127.0.0.1", ""),
        ("127.0.0.1 evil", ""),
        ("", ""),
    ],
)
def test_a_host_is_a_name_and_perhaps_a_port(host: str, name: str) -> None:
    assert host_name(host) == name
