"""Compares secretscan with other scanners on this machine: `python benchmarks/compare.py --help`."""

import argparse
import contextlib
import os
import platform
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from typing import NamedTuple

import corpus
import peers
import table
from runner import Runner
from subject import Subjects

HERE = os.path.dirname(os.path.abspath(__file__))
README = os.path.join(os.path.dirname(HERE), "README.md")
RESULTS = os.path.join(HERE, "RESULTS.md")
ROUNDS = {"hook": 15, "cold": 5, "history": 3, "folder": 5}
OBSERVED = {"hook": 3, "cold": 1, "history": 1, "folder": 1}  # runs for the memory, before the timed ones


class Field(NamedTuple):
    """Who takes part, and the folder for what must not outlast the comparison."""

    tools: list[peers.Tool]
    missing: list[str]
    work: str


def main(argv: Sequence[str] | None = None) -> int:
    """Measure the cases, print their tables, and write them with --write. 0: measured, 130: interrupted."""
    options = _options(argv)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that nothing is left running
    if options.write:
        _with_table(README, "")  # better now than after an hour
    tools, missing = peers.find(options.peer)
    print("compared:", ", ".join(f"{tool.name} {tool.version}" for tool in tools) or "nothing")
    print("not installed:", ", ".join(missing) or "none", flush=True)
    done: list[table.Case] = []
    try:
        with tempfile.TemporaryDirectory(prefix="secretscan-bench-") as work:
            field = Field(tools, missing, work)
            subjects = Subjects(work, options.repo, options.folder, options.label, options.blobs)
            for name in table.CASES if options.case == "all" else (options.case,):
                done.append(measure_case(name, field, subjects, options.runs, options.timeout))
                print(f"\n{table.CASES[name]}: {done[-1].subject}\n\n{table.detail(done[-1])}", flush=True)
    except KeyboardInterrupt:
        print("\ninterrupted: the unfinished case is lost, and nothing is written", file=sys.stderr)
        return 130
    if options.write:
        write(done, README, RESULTS)
    return 0


def measure_case(name: str, field: Field, subjects: Subjects, rounds: int = 0, limit: float = 0) -> table.Case:
    """Measure one case: first the memory, then the time in rounds, every tool once a round, in turn.

    `rounds`, and `limit` in seconds a run: 0 for the usual ones. Raises SystemExit if there is no tool for the case.
    """
    verb = peers.verb(name)
    _progress(f"{name}: preparing")
    subject = subjects.of(name)
    runners = [Runner(name, tool, subject, field.work, limit) for tool in field.tools if verb in tool.commands]
    if not runners:
        raise SystemExit(f"{name}: none of the programs is installed; name them with --peer")
    load = os.getloadavg()[0]
    for runner in runners:
        _progress(f"{name}: memory of {runner.tool.name}")
        runner.prime()
        for _ in range(OBSERVED[name]):
            runner.observe()
    rounds = rounds or ROUNDS[name]
    for number in range(rounds):
        for runner in runners:
            _progress(f"{name}: round {number + 1} of {rounds}, {runner.tool.name}")
            runner.time()
    _progress("")
    return table.Case(
        name=name,
        subject=subject.words,
        date=time.strftime("%Y-%m-%d"),
        machine=machine(),
        load=round(load, 2),
        planted=None if subject.planted is None else len(subject.planted),
        series=[runner.series() for runner in runners],
        missing=[tool for tool in field.missing if verb in peers.COMMANDS[tool]],
    )


def write(cases: Sequence[table.Case], readme: str, results: str) -> None:
    """Put the cases into both files; those of earlier runs that were not measured anew stay. Raises SystemExit."""
    with contextlib.suppress(FileNotFoundError), open(results, encoding="utf-8") as file:
        cases = table.merge(table.read_results(file.read()), cases)
    text = _with_table(readme, table.readme_block(cases))
    for path, content in ((results, table.results_page(cases)), (readme, text)):
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write(content)


def machine() -> dict[str, str]:
    """What the numbers depend on, for people; nothing that names this machine."""
    cpu, memory = platform.processor() or platform.machine(), ""
    with contextlib.suppress(OSError, StopIteration, IndexError):
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            cpu = next(line for line in file if line.startswith("model name")).split(":", 1)[1].strip()
        memory = f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
    return {
        "cpu": f"{cpu}, {platform.machine()}",
        "cores": str(os.cpu_count()),
        "memory": memory or "unknown",
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        "git": corpus.git(".", "version").removeprefix("git version ").strip(),
    }


def _with_table(readme: str, block: str) -> str:
    """The text of the README with the table in it. Raises SystemExit."""
    try:
        with open(readme, encoding="utf-8") as file:
            return table.replace_block(file.read(), block)
    except (OSError, ValueError) as error:
        raise SystemExit(f"{readme} cannot take the table: {error}") from None


def _progress(text: str) -> None:
    """One line that is written over, for somebody who watches."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="compare.py", description=__doc__, allow_abbrev=False)
    add = parser.add_argument
    add("case", nargs="?", default="all", choices=(*table.CASES, "all"), help="what to compare (default: all)")
    add("--repo", default="", metavar="DIR", help="a clone, bare or not, for history and folder (default: one is made)")
    add("--folder", default="", metavar="DIR", help="a plain folder (default: the files of the repository's HEAD)")
    add("--label", default="", metavar="TEXT", help="what to call the repository or folder in the tables")
    add("--blobs", type=int, default=20_000, metavar="N", help="how large a repository to make (default: 20000 blobs)")
    add("--runs", type=int, default=0, metavar="N", help=f"timed runs of each tool (default: {ROUNDS})")
    add("--timeout", type=float, default=0, metavar="SECONDS", help="limit for one run (default: 1 minute to 1 hour)")
    add(
        "--peer",
        "--peers",
        action="append",
        default=[],
        metavar="NAME=PATH|DIR",
        help="a program, or a folder with programs or virtual environments; repeatable; PATH is searched as well",
    )
    add("--write", action="store_true", help="put the tables into README.md and benchmarks/RESULTS.md")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
