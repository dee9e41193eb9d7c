"""Whoever takes over what looks into files finds nothing there: no secret, no file, no network, no other process."""

import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from liveroom.domain.complaints.proof import Facts, MediaLimits, Unfit
from liveroom.media import sandbox
from liveroom.media.inspect import held_here, look_into, tell
from liveroom.media.sandbox import SandboxReport
from liveroom.media.store import StoreUnavailable
from tests.media.film import film
from tests.media.test_what_a_file_tells import photographed
from tests.often import some
from tests.rooms.hostile_files import photo
from tests.services.server import Server
from tests.services.wait import until

ROOT = Path(__file__).resolve().parents[2]
SECRET = "postgresql://liveroom:kata-sandi@db/room"
HELD = held_here(lambda work: work()) or SandboxReport()
FILES = pytest.mark.skipif(not HELD.files, reason="this kernel has no means to hold files")
FILTER = pytest.mark.skipif(not HELD.network, reason="this machine takes no seccomp filter of ours")
# In a child that begins as the real one does, and then does what a file did that took it over. `sealed` is 0 to see
# that each of these works where nothing holds it.
TAKEN_OVER = """
import ctypes, json, os, resource, signal, socket, subprocess, sys, threading
from pathlib import Path
from liveroom.media import sandbox
folder, tcp, udp, sealed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "1"
sandbox.bound(60)
sent, out, parent = (folder / "in" / "sent").open("rb"), (folder / "in" / "clean").open("w+b"), os.getppid()
if sealed:
    sandbox.open_nothing_more(sandbox.seal())
kernel = sandbox.Kernel()

def kernel_says(number, *arguments):
    if kernel.call(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

def unix(name):
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(name)

def thread():
    found = []
    one = threading.Thread(target=lambda: found.append(1))
    one.start(); one.join()
    assert found

def forked():
    if os.fork() == 0:
        os._exit(0)

data = folder / "data"
acts = {
    "own file": lambda: sent.read(1) or 1 / 0, "own copy": lambda: out.write(b"x") and out.flush(), "thread": thread,
    "read passwd": lambda: Path("/etc/passwd").read_bytes(),
    "read the room": lambda: (data / "real.db").read_bytes(), "list the room": lambda: os.listdir(data),
    "read another upload": lambda: (folder / "in" / "sent").read_bytes(),
    "read the parent's environment": lambda: Path(f"/proc/{parent}/environ").read_bytes(),
    "write beside": lambda: (folder / "in" / "more").write_bytes(b"x"),
    "overwrite the room": lambda: (data / "spare").write_bytes(b"x"),
    "truncate": lambda: os.truncate(data / "spare", 0), "chmod": lambda: os.chmod(data / "spare", 0o666),
    "touch": lambda: os.utime(data / "spare"), "rename": lambda: os.rename(data / "spare", data / "other"),
    "link": lambda: os.link(data / "real.db", folder / "in" / "link"),
    "symlink": lambda: os.symlink(data / "real.db", folder / "in" / "symlink"),
    "unlink": lambda: os.unlink(data / "gone"), "mkdir": lambda: os.mkdir(folder / "in" / "folder"),
    "tcp": lambda: socket.create_connection(("127.0.0.1", tcp), 5).close(),
    "udp": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", udp)),
    "unix": lambda: unix(str(folder / "socket")), "abstract unix": lambda: unix(f"\\0{folder}"),
    "listen": lambda: socket.create_server(("127.0.0.1", 0)).close(), "socketpair": lambda: socket.socketpair(),
    "io_uring": lambda: kernel_says(425, 1, ctypes.create_string_buffer(120)),
    "run a program": lambda: subprocess.run(["/bin/true"], check=True), "fork": forked,
    "signal the parent": lambda: os.kill(parent, 0), "slow the parent": lambda: os.setpriority(0, parent, 19),
    "bind the parent": lambda: resource.prlimit(parent, resource.RLIMIT_CORE, (0, 0)),
    "pidfd of the parent": lambda: os.pidfd_open(parent),
}
if sealed:  # PTRACE_SEIZE, PTRACE_MODE of its memory, a mount, a namespace: not done to a test that nothing holds
    ptrace = 101 if os.uname().machine == "x86_64" else 117
    acts["ptrace the parent"] = lambda: kernel_says(ptrace, 0x4206, parent, 0, 0)
    acts["memory of the parent"] = lambda: os.open(f"/proc/{parent}/mem", os.O_RDWR)
    acts["a namespace of its own"] = lambda: kernel_says(272 if ptrace == 101 else 97, 0x10000000)
found = {}
for name, act in acts.items():
    try:
        act()
        found[name] = "done"
    except OSError as error:
        found[name] = f"refused: {error.strerror}"
    except Exception as error:
        found[name] = repr(error)
print(json.dumps({"did": found, "environment": dict(os.environ)}), flush=True)
os.execv("/bin/echo", ["echo", "executed"])
"""
# What every child of this process finds: a kernel that knows neither of these calls.
WITHOUT = """
import sys
from liveroom.media import sandbox
numbers = [int(one) for one in sys.argv[1].split(",")]
column = sandbox.MACHINES[__import__("os").uname().machine]
steps = [sandbox.step(sandbox.LOAD, sandbox.AT_NUMBER)]
for number in numbers:
    steps += [sandbox.step(sandbox.EQUAL, number, 0, 1), sandbox.step(sandbox.RETURN, sandbox.REFUSE | 38)]
kernel = sandbox.Kernel()
assert kernel.set(sandbox.PR_SET_NO_NEW_PRIVS, 1)
assert kernel.filtered(b"".join([*steps, sandbox.step(sandbox.RETURN, sandbox.ALLOW)]))
import json, logging, msgspec
from pathlib import Path
from liveroom.domain.complaints.proof import MediaLimits, Unfit
from liveroom.media.inspect import held_here, look_into
logging.basicConfig(stream=sys.stderr)
look = lambda limits, file: look_into(Path(file), Path(sys.argv[2]), limits, lambda work: work())
found = {"held": msgspec.to_builtins(held_here(lambda work: work())), "facts": {}, "required": []}
for file in sys.argv[3:]:
    found["facts"][file] = json.loads(msgspec.json.encode(look(MediaLimits(), file)))
try:
    look(MediaLimits(sandboxed_only=True), sys.argv[3])
except Unfit as no:
    found["required"].append(no.code)
print(json.dumps(found))
"""
# Stands between the tests and a child: where nothing holds that, it slows its parent down for ever.
PARENT = "import subprocess, sys; sys.exit(subprocess.call(sys.argv[1:]))"
LANDLOCK_CREATE = 444
# The kernel as it is, but for the version that it tells: the rules of each must be ones that it takes.
OLDER = """
import sys
from pathlib import Path
from liveroom.media import sandbox
class Older(sandbox.Kernel):
    def call(self, number, *arguments):
        return int(sys.argv[1]) if number == 444 and arguments[0] is None else super().call(number, *arguments)
sandbox.Kernel = Older
print(sandbox.tried(sandbox.seal(), Path(sys.argv[2])).files)
"""


def as_the_child(script: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run as liveroom.media.inspect starts the real one: nothing of this process's environment."""
    env = sandbox.environment_of(os.environ | {"LIVEROOM_DATABASE_URL": SECRET})
    # The script's folder is not the checkout's: what it may import it is told.
    lines = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{script}"
    child = [sys.executable, "-c", lines, *words]
    return subprocess.run([sys.executable, "-c", PARENT, *child], env=env, cwd=ROOT, capture_output=True, text=True)


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A room's data and a file that was sent."""
    (tmp_path / "data").mkdir()
    (tmp_path / "in").mkdir()
    for name in ("data/real.db", "data/spare", "data/gone", "in/sent"):
        (tmp_path / name).write_bytes(b"a complaint")
    return tmp_path


@pytest.fixture
def listeners(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Ports of a TCP and a UDP socket; beside them two unix sockets."""
    kinds = (
        (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
        (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
        (socket.AF_UNIX, socket.SOCK_STREAM, str(tmp_path / "socket")),
        (socket.AF_UNIX, socket.SOCK_STREAM, f"\0{tmp_path}"),
    )
    opened = []
    for family, kind, where in kinds:
        one = socket.socket(family, kind)
        one.bind(where)
        if kind is socket.SOCK_STREAM:
            one.listen()
        opened.append(one)
    yield str(opened[0].getsockname()[1]), str(opened[1].getsockname()[1])
    for one in opened:
        one.close()


def acts_of(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    lines = done.stdout.splitlines()
    assert lines, done.stderr
    told = json.loads(lines[0])
    assert set(told["environment"]) <= {*sandbox.ENVIRONMENT, *sandbox.PASSED_ON}
    return dict(told["did"])


@FILES
@FILTER
def test_whoever_takes_it_over_can_do_nothing(house: Path, listeners: tuple[str, str]) -> None:
    done = as_the_child(TAKEN_OVER, str(house), *listeners, "1")
    did = acts_of(done)
    assert {name for name, what in did.items() if what == "done"} == {"own file", "own copy", "thread"}
    assert {what for what in did.values() if what != "done"} <= {
        "refused: Permission denied", "refused: Operation not permitted",
    }  # fmt: skip
    assert "executed" not in done.stdout
    assert (house / "data" / "gone").exists()
    assert {one.name for one in (house / "in").iterdir()} == {"clean", "sent"}


def test_all_of_that_is_possible_where_nothing_holds_it(house: Path, listeners: tuple[str, str]) -> None:
    before = os.getpriority(os.PRIO_PROCESS, 0)
    done = as_the_child(TAKEN_OVER, str(house), *listeners, "0")
    did = acts_of(done)
    # Some machines have no io_uring for anybody.
    assert {name for name, what in did.items() if what != "done"} <= {"io_uring"}, did
    assert done.stdout.splitlines()[-1] == "executed"
    assert os.getpriority(os.PRIO_PROCESS, 0) == before, "all that this worker tests after it would be slow"


def test_the_real_child_begins_with_nothing_of_the_servers_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVEROOM_DATABASE_URL", SECRET)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "kunci")
    os.mkfifo(tmp_path / "sent")  # it waits for whoever writes
    codes: list[str] = []

    def look() -> None:
        try:
            look_into(tmp_path / "sent", tmp_path, MediaLimits(), lambda work: work())
        except Unfit as no:
            codes.append(no.code)

    looking = threading.Thread(target=look)
    looking.start()
    until(lambda: waiting_child(), within=60, why="the child to begin")
    child = waiting_child()
    assert child is not None
    given = (child / "environ").read_bytes()
    assert given
    assert b"LIVEROOM" not in given
    assert b"AWS" not in given
    assert len(list((child / "fd").iterdir())) <= 4
    (tmp_path / "sent").write_bytes(b"halo")
    looking.join()
    assert codes == ["form"]


def waiting_child() -> Path | None:
    """The process of a child that looks into a file."""
    for task in Path("/proc/self/task").iterdir():
        for pid in (task / "children").read_text().split():
            here = Path("/proc") / pid
            if b"liveroom.media.examine" in (here / "cmdline").read_bytes() and waits_to_open(here):
                return here
    return None


def waits_to_open(process: Path) -> bool:
    """Whether it sleeps, as it does only while nobody writes into its pipe."""
    return re.search(r"^State:\s+S", (process / "status").read_text(), re.MULTILINE) is not None


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """What phones send, one of each reader."""
    folder = tmp_path_factory.mktemp("sent")
    photographed(folder / "jpeg", offset="+07:00")
    for form in ("WEBP", "HEIF"):
        (folder / form).write_bytes(photo(form=form))
    return [*sorted(folder.iterdir()), film(folder / "a.mp4", seconds=1)]


@pytest.fixture(scope="module")
def as_ever(sent: list[Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What is found out here."""
    folder = tmp_path_factory.mktemp("here")
    look = (look_into(file, folder, MediaLimits(), lambda work: work()) for file in sent)
    return {str(file): json.loads(msgspec.json.encode(facts)) for file, facts in zip(sent, look, strict=True)}


@pytest.mark.skipif(not HELD.files.startswith("Landlock"), reason="this kernel has no Landlock")
def test_each_version_of_landlock_holds_the_files(house: Path) -> None:
    for version in range(1, int(HELD.files.split()[-1]) + 1):
        done = as_the_child(OLDER, str(version), str(house / "data" / "real.db"))
        assert done.stdout == f"Landlock {version}\n", done.stderr


@FILTER
def test_a_kernel_without_landlock_reads_every_form_and_holds_files_otherwise(
    sent: list[Path], as_ever: dict[str, object], tmp_path: Path
) -> None:
    done = as_the_child(WITHOUT, str(LANDLOCK_CREATE), str(tmp_path), *map(str, sent))
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["held"]["files"] == "seccomp, no file is opened"
    assert told["facts"] == as_ever
    assert told["required"] == []
    assert "not kept from" not in done.stderr


@FILTER
@pytest.mark.often
def test_a_kernel_with_neither_reads_them_too_says_so_each_time_and_never_where_it_must_be_held(
    sent: list[Path], as_ever: dict[str, object], tmp_path: Path
) -> None:
    seccomp = sandbox.MACHINES[os.uname().machine].seccomp
    read = some(map(str, sent), [str(sent[0]), str(sent[-1])])  # a photo and a film
    done = as_the_child(WITHOUT, f"{LANDLOCK_CREATE},{seccomp}", str(tmp_path), *read)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    held = msgspec.convert(told["held"], SandboxReport)
    assert held.missing == ("other files", "the network", "other processes")
    assert told["facts"] == {file: as_ever[file] for file in read}
    assert told["required"] == ["sandbox"]
    assert done.stderr.count("is not kept from other files, the network, other processes") == len(read)
    assert "not kept from other files, the network, other processes" in tell(held, required=False)
    assert "media.sandboxed_only" in tell(held, required=True)


def test_a_child_that_lies_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "photo").write_bytes(photo())
    facts = look_into(tmp_path / "photo", tmp_path, MediaLimits(), lambda work: work())
    secret = tmp_path / "real.db"
    secret.write_bytes(b"a complaint")

    def said(facts: Facts) -> bytes:
        return msgspec.json.encode({"facts": facts})

    lies: list[Callable[[], bytes]] = [
        lambda: said(msgspec.structs.replace(facts, hashes=("zz",))),
        lambda: said(msgspec.structs.replace(facts, width=1 << 80)),
        lambda: b"{" + b" " * 300_000,
        lambda: msgspec.json.encode({"code": "x" * 1000}),
        lambda: (tmp_path / "clean").unlink() or (tmp_path / "clean").symlink_to(secret) or said(facts),  # type: ignore[func-returns-value]
    ]
    for lie in lies:
        with pytest.raises(Unfit) as no:
            look_into(tmp_path / "photo", tmp_path, MediaLimits(), lambda work, lie=lie: lie())  # type: ignore[misc]
        assert no.value.code == "broken"


def test_a_child_that_puts_its_alarm_off_is_killed_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else two such files would keep every later photo and proof waiting until the room is started again."""
    (tmp_path / "photo").write_bytes(photo())
    patient = tmp_path / "patient"
    patient.write_text("#!/bin/sh\ntrap '' ALRM TERM INT HUP\nsleep 600\n")
    patient.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(patient))
    with pytest.raises(Unfit) as no:
        look_into(tmp_path / "photo", tmp_path, MediaLimits(look_s=0), lambda work: work())
    assert no.value.code == "broken"


@pytest.mark.parametrize("name", ["photo", "film.mp4"])
def test_a_disk_that_is_full_is_no_fault_of_the_file(name: str, tmp_path: Path) -> None:
    if name == "photo":
        (tmp_path / name).write_bytes(photo())
    else:
        film(tmp_path / name, seconds=1)
    (tmp_path / "clean").symlink_to("/dev/full")
    with pytest.raises(StoreUnavailable, match="the disk is full"):
        look_into(tmp_path / name, tmp_path, MediaLimits(), lambda work: work())


def test_no_parser_of_strangers_files_is_in_the_serving_process() -> None:
    asked = "import sys, app; print(*{'av', 'PIL', 'pillow_heif', 'imagehash'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@pytest.mark.parametrize(
    ("column", "header"),
    [(0, "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), (1, "/usr/include/asm-generic/unistd.h")],
)
def test_the_numbers_of_calls_are_the_kernels(column: int, header: str) -> None:
    if not Path(header).exists():
        pytest.skip("the kernel's headers are not installed")
    named = dict(re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", Path(header).read_text()))
    ours = {**sandbox.NETWORK, **sandbox.PROCESSES, **sandbox.SYSTEM, **sandbox.CHANGES, **sandbox.OPENINGS}
    ours |= {**sandbox.KILLS, "clone": sandbox.CLONE, "clone3": sandbox.CLONE3, "prlimit64": sandbox.PRLIMIT}
    for name, numbers in ours.items():
        number = numbers[column]
        assert (number is None and name not in named) or str(number) == named.get(name), name


@pytest.mark.server
def test_the_room_says_at_its_start_and_to_the_doctor_by_what_it_is_held(
    server: Callable[..., Server],
) -> None:
    # One that is forked announces nothing.
    room = server(anew=True)
    said = tell(HELD, required=False)
    until(lambda: said in room.log(), within=60, why="the log to say it")
    told = room.command("doctor")
    assert said in told.stderr
    assert told.stdout.strip() == "no findings"
