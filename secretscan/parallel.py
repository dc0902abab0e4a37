"""Runs work on several processes: each takes the next piece when it is done with its last."""

import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any

from secretscan.errors import SecretscanError

Work = Callable[[Iterator[Any]], Iterator[Any]]
"""Takes the pieces dealt to this process, lazily, and yields results that can be pickled."""


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run(work: Work, pieces: Sequence[Any], jobs: int) -> Iterator[Any]:
    """The results of `work` on `pieces`, from `jobs` processes (0: one a core), in the order in which they come.

    Raises what a worker raised of ours, or SecretscanError where one died.
    """
    jobs = min(jobs or cores(), len(pieces))
    if jobs <= 1:
        yield from work(iter(pieces))
        return
    # A forked worker shares the compiled rules; elsewhere it starts afresh and is given what it needs.
    context: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    counter = context.Value("l", 0)
    connections = []
    processes = []
    for _ in range(jobs):
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=_worker, args=(work, pieces, counter, sender), daemon=True)
        process.start()
        sender.close()
        connections.append(receiver)
        processes.append(process)
    try:
        yield from _results(connections)
    finally:
        for process in processes:
            process.terminate()
            process.join()


def _results(connections: list[Connection]) -> Iterator[Any]:
    while connections:
        for ready in wait(connections):
            assert isinstance(ready, Connection)  # noqa: S101 (that is all there is in the list)
            try:
                kind, result = ready.recv()
            except EOFError:
                raise SecretscanError("a worker process died; try again with --jobs 1 to see why") from None
            if kind == "error":
                raise result
            if kind == "end":
                connections.remove(ready)
            else:
                yield result


def _worker(work: Work, pieces: Sequence[Any], counter: Any, sender: Connection) -> None:
    """Runs in a process of its own."""
    try:
        for result in work(_dealt(pieces, counter)):
            sender.send(("result", result))
        sender.send(("end", None))
    except SecretscanError as error:
        sender.send(("error", error))
    except KeyboardInterrupt:
        pass  # the parent ends


def _dealt(pieces: Sequence[Any], counter: Any) -> Iterator[Any]:
    """The next piece that nobody has taken, until there is none."""
    while True:
        with counter.get_lock():
            index = counter.value
            counter.value += 1
        if index >= len(pieces):
            return
        yield pieces[index]
