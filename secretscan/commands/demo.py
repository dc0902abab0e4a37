"""`secretscan demo`: a leak is stopped in a throw-away repository, then the history of this folder is scanned."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse

HELP = "Shows a blocked commit in a throw-away repository, then scans the history of the current folder."
RULE = "circleci-personal-api-token"
SECRETSCAN = (sys.executable, "-P", "-m", "secretscan")  # -P: nothing of the current folder is imported
IDENTITY = ("-c", "user.name=Demo", "-c", "user.email=demo@example.com")


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """The command has no options."""


def run(_args: Any) -> int:
    """0 if the commit was blocked and the history could be scanned, whatever was found in it."""
    with tempfile.TemporaryDirectory(prefix="secretscan-demo-") as folder:
        _leak(folder)
        print("$ git commit -m 'Trigger the deploy pipeline'")
        blocked = _run(["git", *IDENTITY, "commit", "-m", "Trigger the deploy pipeline"], folder)
    if not blocked:
        print("secretscan: the commit was not blocked, which it should have been", file=sys.stderr)
        return 1
    print("\nThe commit was blocked. The guide tells all; this is one section of it:\n")
    print(f"$ secretscan explain {RULE} --section revoke")
    _run([*SECRETSCAN, "explain", RULE, "--section", "revoke"], os.getcwd())
    print("\n$ secretscan history        # of this folder", flush=True)
    code = _run([*SECRETSCAN, "history"], os.getcwd())
    return 0 if code in (0, 1) else code


def _leak(folder: str) -> None:
    """Makes a repository with our hook, and stages a file that holds a made-up token."""
    from secretscan.ruleset.examples import fill  # noqa: PLC0415
    from secretscan.ruleset.load import find  # noqa: PLC0415

    secret = find(RULE)[0]
    example = fill(secret.examples[0], seed=folder, checksum=secret.rule.checksum)
    for command in (["git", "init", "--quiet"], [*SECRETSCAN, "install"]):
        print("$ " + " ".join(command).replace(" ".join(SECRETSCAN[:-1]) + " ", ""))
        _run(command, folder)
    with open(os.path.join(folder, "deploy.py"), "w", encoding="utf-8") as file:
        file.write(f'import requests\n\nCIRCLE_TOKEN = "{example.text[example.start : example.end]}"\n')
    print("$ git add deploy.py        # with a CircleCI token in it")
    _run(["git", "add", "deploy.py"], folder)


def _run(command: list[str], folder: str) -> int:
    """Runs a command as a user would, without the surroundings of a hook; its exit code."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    sys.stdout.flush()
    return subprocess.run(command, cwd=folder, env=clean, check=False).returncode
