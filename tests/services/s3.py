"""An S3 server of the tests' own (moto's), which checks signatures, with a door before it that can be closed."""

import json
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.services.gate import Gate
from tests.services.process import Process, free_port, listening
from tests.services.wait import until

BUCKET = "bukti"
ANYTHING = {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}], "Version": "2012-10-17"}
IAM = "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=x"


class S3Server:
    """``env`` is what a room needs to reach it through ``gate``; it keeps what it has in memory."""

    def __init__(self, home: Path) -> None:
        self.home = home
        port = free_port()
        self.gate = Gate(port)
        self._http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60)
        self._port = port
        self._process = Process(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], log=home / "s3.log"
        )
        self.env: dict[str, str] = {}

    def start(self) -> None:
        """Start it with one bucket and one user; from then on every request must be signed."""
        self._process.start(cwd=self.home)
        until(lambda: listening(self._port), why="the S3 server to listen")
        self._iam(Action="CreateUser", UserName="room")
        policy = {"PolicyName": "all", "PolicyDocument": json.dumps(ANYTHING)}
        self._iam(Action="PutUserPolicy", UserName="room", **policy)
        key = self._iam(Action="CreateAccessKey", UserName="room")
        self._http.put(f"/{BUCKET}").raise_for_status()
        self._http.post("/moto-api/reset-auth", content=b"0").raise_for_status()
        self.env = {
            "AWS_ACCESS_KEY_ID": re.findall("<AccessKeyId>(.*?)<", key)[0],
            "AWS_SECRET_ACCESS_KEY": re.findall("<SecretAccessKey>(.*?)<", key)[0],
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT": f"http://127.0.0.1:{self.gate.port}",
        }
        self.gate.open()

    @property
    def behind(self) -> str:
        """Its own address, with no gate before it."""
        return f"http://127.0.0.1:{self._port}"

    def end(self) -> None:
        self.gate.close()
        self._http.close()
        self._process.end(signal.SIGKILL)

    def _iam(self, **asked: str) -> str:
        headers = {"Authorization": IAM}
        answer = self._http.post("/", data={"Version": "2010-05-08", **asked}, headers=headers)
        answer.raise_for_status()
        return answer.text


@pytest.fixture(scope="session")
def s3_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """The one S3 server of this test run; tests ask for `s3`."""
    server = S3Server(tmp_path_factory.mktemp("s3"))
    server.start()
    yield server
    server.end()


@pytest.fixture
def s3(s3_process: S3Server) -> Iterator[S3Server]:
    """The S3 server, its door open again after a test that closed it."""
    yield s3_process
    s3_process.gate.close()
    s3_process.gate.open()
