"""One run of one program: its time by the wall clock and, on request, the memory of all its processes together."""

import contextlib
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, NamedTuple, Self

SAMPLE_EVERY = 0.005  # seconds
KEPT_STDERR = 65_536  # bytes, from the end
_UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes
_PAGE = resource.getpagesize()


class Memory(NamedTuple):
    """Peaks in bytes. `pss` and `rss` are sums over all processes at one moment; 0 where the system does not tell."""

    pss: int  # shared pages counted once
    rss: int  # shared pages counted for every process that maps them
    largest: int  # resident peak of the largest single process


class Run(NamedTuple):
    """What one run did."""

    seconds: float  # until the program ended
    background: float  # seconds that processes it left behind went on
    cpu_seconds: float  # user and system, of the program and all children it waited for
    exit_code: int  # negative: ended by that signal
    timed_out: bool
    stderr: str  # at most its last 64 KB
    memory: Memory | None  # None: not observed


class Process(NamedTuple):
    """A running process of a session."""

    pid: int
    parent: int


def run(argv: Sequence[str], *, cwd: str, env: Mapping[str, str], timeout: float, observe: bool = False) -> Run:
    """Run `argv` to its end, and wait for what it leaves behind; kill all of it after `timeout` seconds.

    Standard output is thrown away. With `observe`, memory is sampled while it runs, which disturbs the time a little.
    Raises OSError if the program cannot be started.
    """
    own_peak = _kilobytes(os.getpid(), "status", "VmHWM:")
    with tempfile.TemporaryFile() as stderr:
        began = time.perf_counter()
        process = subprocess.Popen(
            argv,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            start_new_session=True,  # the session is how the processes it starts are known as its own
        )
        try:
            with _limit(process.pid, timeout) as expired, _Watch(process.pid, observe) as watch:
                _, status, usage = os.wait4(process.pid, 0)
                seconds = time.perf_counter() - began
                process.returncode = os.waitstatus_to_exitcode(status)
                background = _settle(process.pid)
        finally:
            kill(process.pid)
            process.wait()
        return Run(
            seconds=seconds,
            background=background,
            cpu_seconds=usage.ru_utime + usage.ru_stime,
            exit_code=process.returncode,
            timed_out=expired.is_set(),
            stderr=_tail(stderr),
            memory=watch.memory(usage.ru_maxrss * _UNIT, own_peak) if observe else None,
        )


def members(session: int) -> list[Process]:
    """The living processes of a session that a program was started in; empty where there is no /proc."""
    found = []
    for name in os.listdir("/proc") if os.path.isdir("/proc/self") else ():
        if name.isdecimal():
            state_and_on = _read(f"/proc/{name}/stat").rpartition(")")[2].split()  # the name before it may hold spaces
            if len(state_and_on) > 3 and state_and_on[0] != "Z" and int(state_and_on[3]) == session:
                found.append(Process(int(name), int(state_and_on[1])))
    return found


def kill(session: int) -> None:
    """End every process of the session, those in process groups of their own as well."""
    for pid in [member.pid for member in members(session)]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(session, signal.SIGKILL)


class _Watch:
    """Samples the memory of a session in a thread, and keeps the peaks."""

    def __init__(self, session: int, active: bool) -> None:
        self._session = session
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, daemon=True) if active else None
        self._pss = self._rss = self._largest = 0

    def __enter__(self) -> Self:
        if self._thread:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread:
            self._thread.join()

    def _loop(self) -> None:
        while True:
            self._sample()
            if self._stop.wait(SAMPLE_EVERY):
                return

    def _sample(self) -> None:
        processes = members(self._session)
        resident = {process.pid: _read(f"/proc/{process.pid}/statm") for process in processes}
        pss = rss = 0
        for pid, parent in processes:
            # Between vfork and exec a child lives in its parent's memory, which must not be counted twice.
            if not resident[pid] or resident[pid] == resident.get(parent):
                continue
            rss += int(resident[pid].split()[1]) * _PAGE
            pss += _kilobytes(pid, "smaps_rollup", "Pss:")
            self._largest = max(self._largest, _kilobytes(pid, "status", "VmHWM:"))
        self._pss, self._rss = max(self._pss, pss), max(self._rss, rss)

    def memory(self, kernel_peak: int, own_peak: int) -> Memory:
        """The peaks. The kernel's own peak is exact, but a child inherits its parent's: below ours it says nothing."""
        largest = max(self._largest, kernel_peak) if kernel_peak > own_peak else self._largest or kernel_peak
        return Memory(self._pss, max(self._rss, largest), largest)


def _settle(session: int) -> float:
    """Wait until nothing of the session is left, so that it does not disturb the next run. Seconds it took."""
    began = time.perf_counter()
    waited = 0.0
    while members(session):
        time.sleep(0.02)
        waited = time.perf_counter() - began
    return waited


@contextlib.contextmanager
def _limit(session: int, timeout: float) -> Iterator[threading.Event]:
    expired = threading.Event()

    def expire() -> None:
        expired.set()
        kill(session)

    timer = threading.Timer(timeout, expire)
    timer.daemon = True
    timer.start()
    try:
        yield expired
    finally:
        timer.cancel()


def _kilobytes(pid: int, file: str, key: str) -> int:
    """The value of a line such as `Pss:  1780 kB` of a file of the process under /proc, in bytes; 0 if there is none."""
    for line in _read(f"/proc/{pid}/{file}").splitlines():
        if line.startswith(key):
            return int(line.split()[1]) * 1024
    return 0


def _read(path: str) -> str:
    """The text of a file under /proc; empty once the process has gone."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def _tail(file: IO[bytes]) -> str:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - KEPT_STDERR))
    return file.read().decode("utf-8", "replace")
