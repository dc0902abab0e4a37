"""The house stands as ARCHITECTURE.md draws it: imports run downward, and the hook imports nothing it does not need."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import secretscan

ROOT = Path(secretscan.__file__).parent

FLOORS = {
    "model": 0,
    "errors": 0,
    "__init__": 0,
    "ruleset": 1,
    "engine": 2,
    "git": 2,
    "sources": 3,
    "policy": 3,
    "parallel": 4.0,
    "scanner": 4.0,
    "bulk": 4.1,
    "changes": 4.1,
    "exposure": 4.1,
    "selftest": 4.1,
    "stored": 4.1,
    "origins": 4.2,
    "history": 4.3,
    "report": 5,
    "remediation": 5,
    "cli": 6,
    "commands": 6,
    "__main__": 7,
}
"""A room imports only from lower floors, and from itself."""

FORBIDDEN = {
    "engine": {"os", "io.open", "pathlib", "subprocess", "tempfile", "shutil"},  # it never touches the disk
    "sources": {"secretscan.ruleset", "secretscan.engine", "secretscan.policy"},  # they know no rules
    "git": {"secretscan.ruleset", "secretscan.engine", "secretscan.policy"},  # it knows no findings
    "scanner": {
        "os",
        "io",
        "pathlib",
        "subprocess",
        "secretscan.git",
        "secretscan.sources",
    },  # nor where bytes come from
    "report": {"secretscan.engine", "secretscan.git", "secretscan.sources", "secretscan.scanner"},
    "remediation": {"secretscan.engine", "secretscan.scanner"},  # it knows not how matching works
    "model": {"secretscan"},
    "errors": {"secretscan"},
}
"""What a room may not import although it lies lower, or comes with Python."""

UNNEEDED = (
    "git", "rich", "regex", "json", "tomllib", "argparse", "subprocess", "hashlib", "tempfile", "multiprocessing",
    "importlib.resources", "difflib", "logging", "dataclasses", "asyncio",
)  # fmt: skip
"""What a clean commit does not wait for."""


@cache
def modules() -> dict[str, ast.Module]:
    """All modules by their path in the package, without `.py`."""
    files = sorted(path for path in ROOT.rglob("*.py") if "rules" not in path.relative_to(ROOT).parts[:1])
    return {str(path.relative_to(ROOT).with_suffix("")): ast.parse(path.read_text("utf-8")) for path in files}


def room(module: str) -> str:
    """The room of a module: its folder, or itself where it lies in no folder."""
    return module.partition("/")[0]


def imports(tree: ast.AST) -> Iterator[str]:
    """The full names of all modules that are imported, wherever."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def ours(name: str) -> str:
    """The room of an imported name of ours; "" for others."""
    parts = name.split(".")
    if parts[0] != "secretscan":
        return ""
    return parts[1] if len(parts) > 1 and parts[1] in FLOORS else "__init__"


def test_every_room_has_a_floor():
    """Whoever adds a room says where it stands."""
    assert {room(module) for module in modules()} == set(FLOORS)


def test_imports_run_downward():
    """Also those inside functions, and those for types only."""
    upward = [
        (module, name)
        for module, tree in modules().items()
        for name in imports(tree)
        if ours(name) not in ("", room(module)) and FLOORS[ours(name)] >= FLOORS[room(module)]
    ]
    assert upward == []


def test_rooms_keep_to_their_duty():
    """Engine and scanner touch no disk, sources know no rules, git knows no findings, reports scan nothing."""
    found = [
        (module, name)
        for module, tree in modules().items()
        for name in imports(tree)
        for barred in FORBIDDEN.get(room(module), ())
        if name == barred or name.startswith(f"{barred}.")
    ]
    assert found == []


def test_git_keeps_away_from_findings():
    """What speaks to git never sees one."""
    in_git = {module: imports(tree) for module, tree in modules().items() if room(module) == "git"}
    assert [module for module, names in in_git.items() if "secretscan.model.Finding" in names] == []


def test_the_engine_opens_no_file():
    """Neither with `open` nor with anything of `os`."""
    trees = {module: tree for module, tree in modules().items() if room(module) in ("engine", "scanner")}
    names = {
        (module, node.id) for module, tree in trees.items() for node in ast.walk(tree) if isinstance(node, ast.Name)
    }
    assert [module for module, name in names if name == "open"] == []


def test_every_module_says_what_it_is_for():
    """A docstring of its own, beginning with a sentence."""
    assert [module for module, tree in modules().items() if len(ast.get_docstring(tree) or "") < 10] == []


def test_no_module_is_a_drawer():
    """A name says what is inside."""
    assert [m for m in modules() if re.search(r"util|helper|manager|misc|common", m.split("/")[-1])] == []
    classes = [node.name for tree in modules().values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    assert [name for name in classes if re.search(r"Util|Helper|Manager", name)] == []


def test_functions_fit_on_a_screen():
    """Sixty lines at most."""
    long = [
        (module, node.name, (node.end_lineno or 0) - node.lineno + 1)
        for module, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= 60
    ]
    assert long == []


def test_modules_are_of_a_size_to_be_read():
    """Two hundred and fifty lines at most."""
    sizes = {module: len((ROOT / f"{module}.py").read_text("utf-8").splitlines()) for module in modules()}
    assert {module: size for module, size in sizes.items() if size > 250} == {}


def imported(stderr: str) -> list[str]:
    """The modules that `-X importtime` names, in the order in which they were loaded."""
    return [line.rsplit("|", 1)[1].strip() for line in stderr.splitlines() if line.startswith("import time:")]


@pytest.mark.parametrize(
    "staged", ["", "import os\n\nprint(os.name, 'größe')\n"], ids=["nothing staged", "a clean change"]
)
def test_a_clean_commit_imports_only_what_it_needs(repo, environment, staged):
    """The hook's time is mostly imports: none of these, for nothing to say."""
    repo.save("a.py", "x = 1\n")
    if staged:
        repo.add("b.py", staged)
    command = [sys.executable, "-P", "-X", "importtime", "-m", "secretscan", "staged"]
    done = subprocess.run(
        command, env=environment, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, done.stderr
    names = imported(done.stderr)
    assert "secretscan.cli" in names
    own = subprocess.run(
        [sys.executable, "-P", "-X", "importtime", "-c", ""],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    at_start = imported(own.stderr)  # what an interpreter's own start-up needs (site packages, say) is not ours
    needless = [
        name
        for name in names
        if name not in at_start and any(name == bad or name.startswith(f"{bad}.") for bad in UNNEEDED)
    ]
    assert needless == []
