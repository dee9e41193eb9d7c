"""The proxy of the tests: Debian's nginx with the site file of deploy/, a certificate of its own and free ports."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.services.process import Process, free_port, listening
from tests.services.wait import until

DEPLOY = Path(__file__).parents[2] / "deploy" / "nginx"
SITE, OPEN_FILES = DEPLOY / "liveroom.conf", DEPLOY / "open-files.conf"
NAME = "localhost"
THERE = shutil.which("nginx") is not None and shutil.which("openssl") is not None
# Debian's main file with the two changes of docs/deployment.md.
MAIN = """
daemon off;
worker_processes 1;
{open_files}
pid {home}/pid;
error_log {home}/error.log warn;
events {{ worker_connections 8192; }}
http {{
    client_body_temp_path {home}/body;
    proxy_temp_path {home}/proxy;
    fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi;
    scgi_temp_path {home}/scgi;
    include {home}/site.conf;
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """``url`` is the way in by https; ``certificate`` is to be trusted; logs are in ``home``."""

    url: str
    port: int
    home: Path
    certificate: Path


def kept_at(https: int) -> str:
    """Where this proxy keeps answers: not in the folder of the test, which nginx as another user cannot enter."""
    return f"/dev/shm/liveroom_resume_{https}"


def site(home: Path, ports: Sequence[int], https: int, http: int) -> str:
    """The site file with free ports, a certificate of the test's and a log in a file, so that it can be read."""
    text = SITE.read_text(encoding="utf-8")
    servers = "\n".join(f"    server 127.0.0.1:{port} max_fails=0;" for port in ports)
    for there, here in (
        ("    server 127.0.0.1:8001 max_fails=0;\n    server 127.0.0.1:8002 max_fails=0;", servers),
        ("listen 443 ssl", f"listen 127.0.0.1:{https} ssl"),
        ("listen 80", f"listen 127.0.0.1:{http}"),
        ("    listen [::]:443 ssl;\n", ""),
        ("    listen [::]:80;\n", ""),
        ("wall.example.go.id", NAME),
        ("/etc/liveroom/tls", str(home / "tls")),
        ("/dev/shm/liveroom_resume", kept_at(https)),
        ("syslog:server=unix:/dev/log,nohostname,tag=liveroom_nginx", str(home / "proxy.log")),
    ):
        assert there in text, f"{SITE.name} no longer says {there!r}"
        text = text.replace(there, here)
    return text


def settings(home: Path) -> Path:
    """A room's config.yaml for standing behind this proxy."""
    config = home / "config.yaml"
    config.write_text(f"city: tangerang\nserver: {{behind_proxy: true, hosts: [{NAME}]}}\n")
    return config


def certify(home: Path) -> Path:
    """A self-signed certificate, as docs/deployment.md makes one."""
    (home / "tls").mkdir()
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}"]
    words += ["-addext", f"subjectAltName=DNS:{NAME}", "-keyout", str(home / "tls" / "privkey.pem")]
    subprocess.run([*words, "-out", str(home / "tls" / "fullchain.pem")], check=True, capture_output=True)
    return home / "tls" / "fullchain.pem"


@contextmanager
def proxied(home: Path, ports: Sequence[int]) -> Iterator[Proxy]:
    """nginx in front of the room's processes at ``ports``; ended afterwards."""
    certificate, https, http = certify(home), free_port(), free_port()
    (home / "site.conf").write_text(site(home, ports, https, http))
    (home / "nginx.conf").write_text(MAIN.format(home=home, open_files=OPEN_FILES.read_text(encoding="utf-8")))
    tried = subprocess.run(["nginx", "-t", "-c", home / "nginx.conf"], capture_output=True, text=True, check=False)
    assert tried.returncode == 0 and "[warn]" not in tried.stderr, tried.stderr
    proxy = Process(["nginx", "-c", str(home / "nginx.conf")], log=home / "nginx.log")
    proxy.start(cwd=home)
    try:
        until(lambda: listening(https), why="nginx to listen")
        yield Proxy(url=f"https://{NAME}:{https}", port=https, home=home, certificate=certificate)
    finally:
        proxy.end()
        shutil.rmtree(kept_at(https), ignore_errors=True)
