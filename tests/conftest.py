"""Real git repositories and a real secretscan process, away from the machine's own configuration."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from secretscan.ruleset.examples import fill
from secretscan.ruleset.load import find

ROOT = Path(__file__).parent.parent
OURS = ("GIT_", "PRE_COMMIT", "SECRETSCAN_", "PYTHON", "XDG_", "LC_")
"""What the machine or a running hook may have set, and no test may depend on."""

SETTINGS = """[user]
name = Ada
email = ada@example.org
[init]
defaultBranch = main
templateDir =
[core]
autocrlf = false
[commit]
gpgSign = false
[gc]
auto = 0
[advice]
detachedHead = false
[protocol "file"]
allow = always
"""


class Result(NamedTuple):
    """How a secretscan process ended. `findings`, `skipped` and `places` need `--format json`."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        """The report."""
        document: dict[str, Any] = json.loads(self.out)
        return document

    @property
    def findings(self) -> list[dict[str, Any]]:
        """The report's findings."""
        found: list[dict[str, Any]] = self.report["findings"]
        return found

    @property
    def places(self) -> list[tuple[str, int]]:
        """Path and line of each finding."""
        return [(finding["path"], finding["line"]) for finding in self.findings]

    @property
    def skipped(self) -> dict[str | None, str]:
        """The reasons of what was skipped, by path, else by object."""
        return {one["path"] or one["object"]: one["reason"] for one in self.report["skipped"]}


Secretscan = Callable[..., Result]
Token = Callable[[str], str]


class Repository:
    """A git repository on disk. What its methods run is git itself, as a user runs it."""

    def __init__(self, path: Path, environment: Mapping[str, str]) -> None:
        self.path = path
        self.environment = dict(environment)

    def git(self, *args: str, stdin: bytes | None = None, check: bool = True, **env: str) -> str:
        """What git prints, without the last line end; its error output too where it may fail (`check` is False)."""
        done = self.run(*args, stdin=stdin, **env)
        if check and done.returncode:
            raise AssertionError(f"git {shlex.join(args)}: {done.stderr.decode(errors='replace')}")
        printed = done.stdout if check else done.stdout + done.stderr
        return printed.decode("utf-8", "surrogateescape").rstrip("\n")

    def run(self, *args: str, stdin: bytes | None = None, **env: str) -> subprocess.CompletedProcess[bytes]:
        """Runs git, whatever comes of it."""
        surroundings = {**self.environment, **env}
        given = {"input": stdin} if stdin is not None else {"stdin": subprocess.DEVNULL}
        return subprocess.run(
            ["git", *args],
            cwd=self.path,
            env=surroundings,
            check=False,
            capture_output=True,
            **given,  # type: ignore[call-overload]
        )

    def write(self, name: str, content: str | bytes) -> Path:
        """Writes a file of the working tree, byte for byte."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content)
        return path

    def add(self, name: str, content: str | bytes) -> None:
        """Writes a file and stages it."""
        self.write(name, content)
        self.git("--literal-pathspecs", "add", "--force", "--", name)

    def commit(self, message: str = "change", **env: str) -> str:
        """Commits what is staged, without hooks; the commit's id."""
        self.git(
            "commit",
            "-q",
            "--allow-empty",
            "--no-verify",
            "--cleanup=verbatim",
            "-F",
            "-",
            stdin=message.encode(),
            **env,
        )
        return self.git("rev-parse", "HEAD")

    def save(self, name: str, content: str | bytes, message: str = "change", **env: str) -> str:
        """Writes a file, stages and commits it; the commit's id."""
        self.add(name, content)
        return self.commit(message, **env)

    def hook(self, name: str, *command: str) -> None:
        """Installs a hook that runs this secretscan `command`."""
        program = shlex.join([sys.executable, "-P", "-m", "secretscan", *command])
        path = self.write(f".git/hooks/{name}", f'#!/bin/sh\nexec {program} "$@"\n')
        path.chmod(0o755)

    def loose(self, name: str) -> Path:
        """The file that holds an object which is in no pack."""
        return self.path / self.git("rev-parse", "--git-path", "objects") / name[:2] / name[2:]


@pytest.fixture(scope="session")
def compiled_rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache with the compiled rules for all tests."""
    folder: Path = tmp_path_factory.mktemp("cache")
    surroundings = {**clean_environment(folder), "SECRETSCAN_CACHE_DIR": str(folder)}
    command = [sys.executable, "-P", "-m", "secretscan", "rules", "compile"]
    subprocess.run(command, env=surroundings, check=True, stdin=subprocess.DEVNULL)
    return folder


def clean_environment(home: Path) -> dict[str, str]:
    """The machine's environment without what could change git, Python or secretscan; with a home of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return {
        **kept,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
    }


@pytest.fixture
def environment(tmp_path: Path, compiled_rules: Path) -> dict[str, str]:
    """The environment of git and secretscan. A test may change it before it asks for more."""
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(SETTINGS)
    return {**clean_environment(home), "SECRETSCAN_CACHE_DIR": str(compiled_rules)}


@pytest.fixture
def new_repo(tmp_path: Path, environment: dict[str, str]) -> Callable[..., Repository]:
    """Gives a function that makes a repository: its name, and options for `git init` or (with `clone`) `git clone`."""

    def make(name: str, *options: str, clone: str | None = None) -> Repository:
        above = Repository(tmp_path, environment)
        if clone is None:
            above.git("init", "-q", *options, name)
        else:
            above.git("clone", "-q", *options, clone, name)
        return Repository(tmp_path / name, environment)

    return make


@pytest.fixture
def repo(new_repo: Callable[..., Repository], monkeypatch: pytest.MonkeyPatch) -> Repository:
    """An empty repository, which is the current folder."""
    made = new_repo("repo")
    monkeypatch.chdir(made.path)
    return made


@pytest.fixture
def secretscan(environment: dict[str, str]) -> Secretscan:
    """Runs secretscan in a process of its own, in the current folder unless `cwd` says otherwise."""

    def run(*args: str, stdin: bytes | None = None, cwd: Path | None = None, **env: str) -> Result:
        given = {"input": stdin} if stdin is not None else {"stdin": subprocess.DEVNULL}
        done = subprocess.run(
            [sys.executable, "-P", "-m", "secretscan", *args],
            cwd=cwd,
            env={**environment, **env},
            check=False,
            capture_output=True,
            **given,  # type: ignore[call-overload]
        )
        out, err = (stream.decode("utf-8", "surrogateescape") for stream in (done.stdout, done.stderr))
        return Result(done.returncode, out, err)

    return run


@pytest.fixture
def token(request: pytest.FixtureRequest) -> Token:
    """Makes secrets that nobody issued, from a rule's first example: another one at each call, the same in each run."""
    calls = iter(range(1000))

    def make(rule_id: str) -> str:
        secret = rules(rule_id)
        example = fill(secret.examples[0], seed=f"{request.node.name} {next(calls)}", checksum=secret.rule.checksum)
        return example.text[example.start : example.end]

    return make


@cache
def rules(rule_id: str) -> Any:
    """The rule with its examples."""
    return find(rule_id)[0]


@pytest.fixture
def key_block(request: pytest.FixtureRequest) -> list[str]:
    """The lines of a private key that opens nothing."""
    return fill("{pem:RSA PRIVATE KEY}", seed=request.node.name).text.split("\n")
