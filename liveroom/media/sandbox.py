"""Sandbox of a process that parses strangers' files: it gives up environment, files, network, other processes.

Linux only, each by what the kernel offers, and what it does not offer is reported:
- files: Landlock (since 5.13, Debian 12 has it): libraries may be read, nothing else opened and nothing changed;
- network and other processes: a seccomp filter, a list of refused calls in classic BPF, for x86_64 and arm64 (the
  latter by the kernel's headers alone: it was not run there).
Where Landlock is not there, the same filter refuses every opening of a file once all modules are loaded
(`open_nothing_more`). A restriction cannot be lifted again, and what the process starts inherits it.

Not bubblewrap: it needs a namespace of users, which the shipped units and many kernels refuse, and adds nothing to
these two. Libraries looked at in December 2026: pyseccomp (last kept in 2021), landlock (never left its pre-release),
landlockpy and seccompy (weeks old), sandlock (asks for a newer kernel than Debian 12 has).
Sources: landlock(7), seccomp(2), prctl(2); numbers of asm/unistd_64.h and asm-generic/unistd.h.
"""

import ctypes
import errno
import os
import resource
import signal
import socket
import struct
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec

MEMORY_BYTES = 2_000_000_000
CPU_S = 40
FILE_BYTES = 1_000_000_000
OPEN_FILES, INHERITED = 64, 1 << 16
# The whole environment of such a process: one thread of linear algebra (Landlock restricts the thread that asks for it
# and those that it starts, none that is there already), and UTF-8.
ENVIRONMENT = {"LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
# Where an interpreter outside the system's folders finds its libraries; no secret, and without it some do not start.
PASSED_ON = ("LD_LIBRARY_PATH",)
SYSTEM_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache", "/dev/urandom")

PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 4, 38
LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446
LANDLOCK_VERSION, LANDLOCK_PATH_BENEATH = 1, 1
READ_FILE, READ_DIR = 1 << 2, 1 << 3
# Rights on files by version of Landlock: what a version does not know must not be asked of it.
FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
TCP_SINCE, SCOPES_SINCE = 4, 6
BIND_AND_CONNECT, ABSTRACT_SOCKETS_AND_SIGNALS = 0b11, 0b11

SECCOMP_FILTER, SECCOMP_ALL_THREADS = 1, 1
ALLOW, KILL, REFUSE = 0x7FFF0000, 0x80000000, 0x00050000
LOAD, EQUAL, GREATER, ANY_BIT, RETURN = 0x20, 0x15, 0x25, 0x45, 0x06
AT_NUMBER, AT_ARCHITECTURE, AT_FIRST_ARGUMENT = 0, 4, 16
CLONE_THREAD = 0x00010000
# Calls after this one (from setxattrat of 2025 on) were not judged here and are answered as if they did not exist.
NEWEST_KNOWN = 462


@dataclass(frozen=True, slots=True)
class Machine:
    """The audit name of an architecture, and which column of the numbers below is its own."""

    audit: int
    column: int
    seccomp: int


MACHINES = {"x86_64": Machine(0xC000003E, 0, 317), "aarch64": Machine(0xC00000B7, 1, 277)}

Calls = Mapping[str, tuple[int, int | None]]
# Refused calls by purpose: name, number on x86_64, on arm64 (None: that machine has no such call).
NETWORK: Calls = {
    "socket": (41, 198), "connect": (42, 203), "accept": (43, 202), "sendto": (44, 206), "recvfrom": (45, 207),
    "sendmsg": (46, 211), "recvmsg": (47, 212), "bind": (49, 200), "listen": (50, 201), "socketpair": (53, 199),
    "accept4": (288, 242), "recvmmsg": (299, 243), "sendmmsg": (307, 269),
    # Its queue takes all of the above past this filter.
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
}  # fmt: skip
PROCESSES: Calls = {
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281), "ptrace": (101, 117),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "process_madvise": (440, 440),
    "process_mrelease": (448, 448), "pidfd_open": (434, 434), "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424), "kcmp": (312, 272), "tkill": (200, 130), "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240), "setpriority": (141, 140), "ioprio_set": (251, 30), "setpgid": (109, 154),
    "sched_setparam": (142, 118), "sched_setscheduler": (144, 119), "sched_setaffinity": (203, 122),
    "sched_setattr": (314, 274), "move_pages": (279, 239), "migrate_pages": (256, 238), "shmget": (29, 194),
    "shmat": (30, 196), "shmctl": (31, 195), "semget": (64, 190), "semop": (65, 193), "semctl": (66, 191),
    "semtimedop": (220, 192), "msgget": (68, 186), "msgsnd": (69, 189), "msgrcv": (70, 188), "msgctl": (71, 187),
    "mq_open": (240, 180), "mq_unlink": (241, 181),
}  # fmt: skip
SYSTEM: Calls = {
    "unshare": (272, 97), "setns": (308, 268), "chroot": (161, 51), "pivot_root": (155, 41), "mount": (165, 40),
    "umount2": (166, 39), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "swapon": (167, 224), "swapoff": (168, 225), "reboot": (169, 142), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282), "add_key": (248, 217),
    "request_key": (249, 218), "keyctl": (250, 219), "acct": (163, 89), "syslog": (103, 116),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "adjtimex": (159, 171), "clock_adjtime": (305, 266),
    "sethostname": (170, 161), "setdomainname": (171, 162), "quotactl": (179, 60), "quotactl_fd": (443, 443),
    "iopl": (172, None), "ioperm": (173, None), "modify_ldt": (154, None), "uselib": (134, None), "vhangup": (153, 58),
    "personality": (135, 92),
}  # fmt: skip
# What Landlock does not cover (modes, owners, times, attributes), and some of what it does, as a second barrier.
CHANGES: Calls = {
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452), "chown": (92, None),
    "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54), "utime": (132, None), "utimes": (235, None),
    "futimesat": (261, None), "utimensat": (280, 88), "setxattr": (188, 5), "lsetxattr": (189, 6),
    "fsetxattr": (190, 7), "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    "link": (86, None), "linkat": (265, 37), "symlink": (88, None), "symlinkat": (266, 36), "rename": (82, None),
    "renameat": (264, 38), "renameat2": (316, 276), "unlink": (87, None), "unlinkat": (263, 35), "mkdir": (83, None),
    "mkdirat": (258, 34), "rmdir": (84, None), "mknod": (133, None), "mknodat": (259, 33), "truncate": (76, 45),
    "creat": (85, None), "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "fanotify_init": (300, 262),
    "inotify_init": (253, None), "inotify_init1": (294, 26),
}  # fmt: skip
OPENINGS: Calls = {"open": (2, None), "openat": (257, 56), "openat2": (437, 437)}
# Allowed on the process itself alone, or (clone) for threads alone; clone3 hides its flags, libraries do without it.
KILLS = {"kill": (62, 129), "tgkill": (234, 131)}
CLONE, CLONE3, PRLIMIT = (56, 220), (435, 435), (302, 261)


class SandboxReport(msgspec.Struct, frozen=True, omit_defaults=True):
    """The mechanism that keeps each from the process, in words such as "seccomp"; empty: nothing does."""

    environment: str = ""
    files: str = ""
    network: str = ""
    processes: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """What such a process can still reach, in words; empty when it is held in every way."""
        ways = {
            "the server's environment": self.environment,
            "other files": self.files,
            "the network": self.network,
            "other processes": self.processes,
        }
        return tuple(what for what, by in ways.items() if not by)

    def describe(self) -> str:
        """One line for the operator of the server."""
        ways = (
            ("environment", self.environment),
            ("files", self.files),
            ("network", self.network),
            ("other processes", self.processes),
        )
        return "; ".join(f"{what}: {by or 'NOT HELD'}" for what, by in ways)


class Kernel:
    """System calls that Python does not offer, made by number."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(None, use_errno=True)
        self._call = self._library.syscall
        self._call.restype = ctypes.c_long

    def call(self, number: int, *arguments: object) -> int:
        """The result of a system call; -1 when the kernel refuses."""
        whole = (ctypes.c_long(one) if isinstance(one, int) else one for one in arguments)
        result: int = self._call(ctypes.c_long(number), *whole)
        return result

    def set(self, option: int, value: int) -> bool:
        """prctl(2); whether the kernel took it."""
        done: int = self._library.prctl(option, value, 0, 0, 0)
        return done == 0

    def filtered(self, code: bytes) -> bool:
        """seccomp(2) with a filter for all threads; False where it is refused, and for a 32-bit process."""
        machine = MACHINES.get(os.uname().machine)
        if machine is None or sys.byteorder != "little" or sys.maxsize < 1 << 32:
            return False
        steps = ctypes.create_string_buffer(code, len(code))
        filter_program = struct.pack("@HP", len(code) // 8, ctypes.addressof(steps))
        return self.call(machine.seccomp, SECCOMP_FILTER, SECCOMP_ALL_THREADS, filter_program) == 0


def environment_of(given: Mapping[str, str]) -> dict[str, str]:
    """The environment to start the process with: none of the server's secrets, which ``given`` holds."""
    return ENVIRONMENT | {name: given[name] for name in PASSED_ON if name in given}


def bound(seconds: int) -> None:
    """Limit memory, processor, file size and files of this process, and end it ``seconds`` from now."""
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(limit)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(limit, (most, most))
    os.umask(0o077)
    os.closerange(3, INHERITED)
    # Nothing here takes that signal, so it ends the process wherever it stands, also when nobody waits for it any more.
    signal.alarm(seconds)


def seal(readable: Iterable[Path] | None = None) -> SandboxReport:
    """Give up all that can be given up, for good; open files stay open. Call it while there is one thread.

    ``readable``: files and folders that may still be read, by default the interpreter's and our libraries.
    """
    kernel = Kernel()
    environment, alone = _empty_environment(), _thread_count() == 1
    kernel.set(PR_SET_DUMPABLE, 0)
    if not kernel.set(PR_SET_NO_NEW_PRIVS, 1):
        return SandboxReport(environment=environment)
    version = _landlock(kernel, libraries() if readable is None else readable)
    filtered = _filter(kernel, {**NETWORK, **PROCESSES, **SYSTEM, **CHANGES})
    return SandboxReport(
        environment=environment,
        # Threads that had begun before it would be as free as ever.
        files=f"Landlock {version}" if version and alone else "",
        network="seccomp" if filtered else "",
        processes="seccomp" if filtered else "",
    )


def open_nothing_more(held: SandboxReport) -> SandboxReport:
    """Without Landlock, refuse every opening of a file from here on; all modules must be loaded by then."""
    if held.files or not _filter(Kernel(), OPENINGS):
        return held
    return msgspec.structs.replace(held, files="seccomp, no file is opened")


def tried(held: SandboxReport, secret: Path) -> SandboxReport:
    """The report after trying: what turns out to be possible is not held, whatever the kernel answered.

    ``secret``: a file that this user may read, and this process may not.
    """
    return SandboxReport(
        environment=held.environment,
        files=held.files if _refused(lambda: os.open(secret, os.O_RDONLY)) else "",
        network=held.network if _no_socket() else "",
        processes=held.processes if _refused(lambda: os.kill(os.getppid(), 0)) else "",
    )


def libraries() -> tuple[Path, ...]:
    """What an interpreter may have to read while it runs: its modules, ours, and the system's shared libraries.

    No folder above our package, such as the checkout itself, for the room's data may lie there.
    """
    ours = Path(__file__).resolve().parents[1]
    modules = [Path(entry).resolve() for entry in sys.path if entry]
    shared = [entry for entry in os.environ.get("LD_LIBRARY_PATH", "").split(":") if entry]
    system = [Path(entry) for entry in (*SYSTEM_LIBRARIES, *shared, f"{sys.base_prefix}/lib")]
    return (ours, *(one for one in modules if not ours.is_relative_to(one)), *system)


def _empty_environment() -> str:
    """Empty the environment; the kernel keeps what a process began with, so one that was not empty is not held."""
    others = set(os.environ) - set(ENVIRONMENT) - set(PASSED_ON)
    for name in others:
        del os.environ[name]
    return "" if others else "empty"


def _thread_count() -> int:
    """How many threads this process has; 0 where the kernel does not tell."""
    try:
        return len(list(Path("/proc/self/task").iterdir()))
    except OSError:
        return 0


def _no_socket() -> bool:
    kinds = (
        (socket.AF_INET, socket.SOCK_STREAM),
        (socket.AF_INET, socket.SOCK_DGRAM),
        (socket.AF_UNIX, socket.SOCK_STREAM),
    )
    return all(_refused(partial(socket.socket, *kind)) for kind in kinds)


def _refused(act: Callable[[], object]) -> bool:
    try:
        act()
    except OSError as error:
        return error.errno in (errno.EACCES, errno.EPERM)
    return False


def _landlock(kernel: Kernel, readable: Iterable[Path]) -> int:
    """Restrict this thread by Landlock; the version in force, 0 where the kernel has none or refuses."""
    version = kernel.call(LANDLOCK_CREATE, None, 0, LANDLOCK_VERSION)
    if version < 1:
        return 0
    rights = (1 << FILE_RIGHTS.get(version, max(FILE_RIGHTS.values()))) - 1
    tcp = BIND_AND_CONNECT if version >= TCP_SINCE else 0
    scopes = ABSTRACT_SOCKETS_AND_SIGNALS if version >= SCOPES_SINCE else 0
    wanted = struct.pack("=QQQ", rights, tcp, scopes)[: 24 if scopes else 16 if tcp else 8]
    rules = kernel.call(LANDLOCK_CREATE, wanted, len(wanted), 0)
    if rules < 0:
        return 0
    try:
        for path in readable:
            _allow_reading(kernel, rules, path)
        return version if kernel.call(LANDLOCK_RESTRICT, rules, 0) == 0 else 0
    finally:
        os.close(rules)


def _allow_reading(kernel: Kernel, rules: int, path: Path) -> None:
    """Allow reading at and below ``path``; one that cannot be opened stays closed."""
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        rights = READ_FILE | (READ_DIR if path.is_dir() else 0)
        kernel.call(LANDLOCK_ADD, rules, LANDLOCK_PATH_BENEATH, struct.pack("=Qi", rights, opened), 0)
    finally:
        os.close(opened)


def _filter(kernel: Kernel, refused: Calls) -> bool:
    """Refuse these calls to all threads of this process; False where kernel or machine do not support it."""
    machine = MACHINES.get(os.uname().machine)
    return machine is not None and kernel.filtered(program(machine, refused, os.getpid()))


def program(machine: Machine, refused: Calls, own: int) -> bytes:
    """The filter in classic BPF, 8 bytes a step: ``refused`` calls give EPERM, ``own`` is this process's id."""
    no = step(RETURN, REFUSE | errno.EPERM)
    not_there = step(RETURN, REFUSE | errno.ENOSYS)
    yes, dead = step(RETURN, ALLOW), step(RETURN, KILL)
    column = machine.column
    steps = [step(LOAD, AT_ARCHITECTURE), step(EQUAL, machine.audit, 1, 0), dead]
    # The other way of numbering on x86_64 (x32) lies far above the newest too.
    steps += [step(LOAD, AT_NUMBER), step(GREATER, NEWEST_KNOWN, 0, 1), not_there]
    for numbers in refused.values():
        if (number := numbers[column]) is not None:
            steps += [step(EQUAL, number, 0, 1), no]
    steps += [step(EQUAL, CLONE3[column], 0, 1), not_there]
    first = step(LOAD, AT_FIRST_ARGUMENT)
    steps += [step(EQUAL, CLONE[column], 0, 4), first, step(ANY_BIT, CLONE_THREAD, 0, 1), yes, no]
    steps += [step(EQUAL, PRLIMIT[column], 0, 4), first, step(EQUAL, 0, 0, 1), yes, no]
    for numbers in KILLS.values():
        steps += [step(EQUAL, numbers[column], 0, 4), first, step(EQUAL, own, 0, 1), yes, no]
    return b"".join([*steps, yes])


def step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    """One BPF instruction; ``yes`` and ``no``: how many steps to skip."""
    return struct.pack("=HBBI", code, yes, no, value)
