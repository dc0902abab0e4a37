"""The programs that are compared: where they are, how each is asked to do a case, and how its report is read."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from glob import escape, glob
from typing import Any, NamedTuple

OURS = "secretscan"

# One command a case; {target}, {report} and {files} are filled in. Validation and update checks are off.
_GITLEAKS = {
    "hook": "git --pre-commit --staged --no-banner {target}",
    "history": "git --no-banner --report-format json --report-path {report} {target}",
    "folder": "dir --no-banner --report-format json --report-path {report} {target}",
}
COMMANDS = {
    OURS: {
        "hook": "staged",
        "history": "history --format json --show-secrets --output {report}",
        "folder": "scan --format json --show-secrets --output {report} {target}",
    },
    "kingfisher": {
        "hook": "scan --staged --no-validate --no-update-check {target}",
        "history": "scan --no-validate --no-update-check --confidence medium --format json --output {report} {target}",
        "folder": "scan --no-validate --no-update-check --confidence medium --format json --output {report} {target}",
    },
    "betterleaks": {
        "hook": "git --staged --no-banner {target}",
        "history": "git --no-banner --output {report} {target}",
        "folder": "filesystem --no-banner --output {report} {target}",
    },
    "gitleaks": _GITLEAKS,
    "detect-secrets": {"hook": "--no-verify {files}"},
    "rg": {"folder": "--count --no-ignore --hidden a-literal-that-is-nowhere {target}"},
}
_PROGRAMS = {"detect-secrets": "detect-secrets-hook"}
_FOUND_CODES = {"kingfisher": (200, 205)}  # the others say 1; rg says 1 for nothing found
# What a scanner writes when it gave up half-way, whatever its exit code.
_GAVE_UP = re.compile(r"(?im)^.*(incomplete scan|fatal: |stderr is not empty|panicked|panic: |Traceback).*$")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_CLOCK = re.compile(r"(?m)^\s*\d+:\d+[AP]M +[A-Z]{3} +")


class Tool(NamedTuple):
    """An installed program."""

    name: str
    program: str
    version: str
    commands: dict[str, str]


class Secret(NamedTuple):
    """One reported value; `confidence` is empty where the tool has no such notion."""

    value: str
    confidence: str


def find(places: Sequence[str] = ()) -> tuple[list[Tool], list[str]]:
    """The installed tools, ours first, and the names of those that are missing.

    `places`: `name=/path/to/program`, or folders that hold programs or virtual environments; then PATH is searched.
    Raises SystemExit for a place that is none, or a program that cannot be started.
    """
    for place in places:
        given, equals, path = place.partition("=")
        if not (given in COMMANDS and os.path.isfile(path) if equals else os.path.isdir(place)):
            raise SystemExit(f"--peer {place}: neither a folder nor NAME=PATH with one of {', '.join(COMMANDS)}")
    tools, missing = [], []
    for name in COMMANDS:
        program = _locate(name, places)
        if program:
            program = program if name == OURS else native(program)
            tools.append(Tool(name, program, _version(name, program), _dialect(name, program)))
        else:
            missing.append(name)
    return tools, missing


def verb(case: str) -> str:
    """The command of a case: the first run of the hook is the hook."""
    return "hook" if case == "cold" else case


def command(tool: Tool, verb: str, target: str, report: str, files: Sequence[str]) -> list[str]:
    """The words to run for a verb. Raises KeyError where the tool has none."""
    words = [tool.program]
    for word in tool.commands[verb].split():
        words.extend(files if word == "{files}" else [word.format(target=target, report=report)])
    return words


def expected(name: str, case: str, exit_code: int) -> bool:
    """Whether the exit code says that the run went well: nothing found, or (except in a clean commit) something."""
    return exit_code == 0 or (case not in ("hook", "cold") and exit_code in _FOUND_CODES.get(name, (1,)))


def gave_up(stderr: str) -> str:
    """The line in which a scanner says that it did not read everything; empty if there is none."""
    match = _GAVE_UP.search(plain(stderr))
    return match.group(0).strip()[:160] if match else ""


def plain(stderr: str) -> str:
    """What a tool wrote for people, without colours, and without the time of day that makes each run look different."""
    return _CLOCK.sub("", _COLOUR.sub("", stderr))


def read_report(name: str, path: str) -> set[Secret] | None:
    """The distinct secrets of a report; None if there is no report that can be read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return set(map(_READERS[name], _findings(json.load(file))))
    except (OSError, ValueError, KeyError):
        return None


def native(program: str) -> str:
    """The native program that a Python package's launcher starts; the program itself if it is no such launcher.

    A launcher costs as much as a short scan does, and users of other packages of the same tool do without.
    """
    program = os.path.realpath(program)
    with open(program, "rb") as file:
        first = file.readline(512)
    if not (first.startswith(b"#!") and b"python" in first):
        return program
    prefix = os.path.dirname(os.path.dirname(program))
    found = glob(os.path.join(prefix, "lib", "python*", "site-packages", "*", "bin", os.path.basename(program)))
    return found[0] if found else program


def _locate(name: str, places: Sequence[str]) -> str | None:
    """The path of the tool's program, or None."""
    program = _PROGRAMS.get(name, name)
    for place in places:
        given, equals, path = place.partition("=")
        if equals and given == name:
            folder, file = os.path.split(os.path.abspath(path))
            return os.path.join(folder, program if file == name else file)
        for pattern in (program, f"bin/{program}", f"*/bin/{program}"):
            for path in sorted(glob(os.path.join(escape(place), pattern))):
                if _is(name, path):
                    return os.path.abspath(path)
    beside_us = os.path.dirname(sys.executable) if name == OURS else None
    installed = shutil.which(program) or shutil.which(program, path=beside_us)
    return installed if installed and _is(name, installed) else None


def _is(name: str, path: str) -> bool:
    """Whether `path` is the tool: the package of betterleaks brings a program called gitleaks, which is betterleaks."""
    if not (os.path.isfile(path) and os.access(path, os.X_OK)):
        return False
    return name != "gitleaks" or "betterleaks" not in _ask(path, "git", "--help")


def _version(name: str, program: str) -> str:
    text = _ask(program, "version" if name == "gitleaks" else "--version")
    match = re.search(r"\d+\.\d+[\w.+-]*", text)
    return match.group(0) if match else "unknown version"


def _dialect(name: str, program: str) -> dict[str, str]:
    """Version 1 of betterleaks takes the options of gitleaks, from which it comes; version 2 has its own."""
    if name == "betterleaks" and "--pre-commit" in _ask(program, "git", "--help"):
        return _GITLEAKS
    return COMMANDS[name]


def _ask(*argv: str) -> str:
    """What a program says of itself. Raises SystemExit if it cannot be started."""
    try:
        done = subprocess.run(argv, capture_output=True, check=False, timeout=60, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SystemExit(f"{argv[0]}: cannot be run: {error}") from None
    return (done.stdout + done.stderr).decode("utf-8", "replace")


def _findings(report: Any) -> list[dict[str, Any]]:
    """A bare list of gitleaks; the others put it under a key."""
    return report if isinstance(report, list) else report["findings"] or []


def _leak(one: dict[str, Any]) -> Secret:
    return Secret(one["Secret"].strip(), "")


_READERS: dict[str, Callable[[dict[str, Any]], Secret]] = {
    OURS: lambda one: Secret(one["secret"].strip(), one["confidence"]),
    "kingfisher": lambda one: Secret(one["finding"]["snippet"].strip(), one["finding"]["confidence"]),
    "betterleaks": lambda one: (
        Secret(one["match"]["value"].strip(), one["confidence"]) if "match" in one else _leak(one)
    ),
    "gitleaks": _leak,
}
