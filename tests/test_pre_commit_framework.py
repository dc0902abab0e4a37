"""The hooks of .pre-commit-hooks.yaml, run by the pre-commit framework itself."""

import os
import random
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from secretscan.cli import main

ROOT = Path(__file__).parent.parent
MANIFEST = ROOT / ".pre-commit-hooks.yaml"
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
RULE = "circleci-personal-api-token"


@pytest.fixture(autouse=True)
def surroundings(tmp_path, monkeypatch, compiled_rules):
    """A home of its own, so that no configuration of the machine matters."""
    for name in [name for name in os.environ if name.startswith(("GIT_", "PRE_COMMIT"))]:
        monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text("[user]\nname = A\nemail = a@example.org\n[init]\ndefaultBranch = main\n")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.setenv("PRE_COMMIT_HOME", str(home / "pre-commit"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("SECRETSCAN_CACHE_DIR", str(compiled_rules))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.delenv("SKIP", raising=False)


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository with one commit that uses all hooks of the manifest, run by this Python instead of an own one."""
    path = tmp_path / "repository"
    subprocess.run(["git", "init", "-q", path], check=True)
    monkeypatch.chdir(path)
    (path / ".pre-commit-config.yaml").write_text(yaml.safe_dump(configuration()))
    git("add", ".")
    git("commit", "-q", "-m", "first")
    return path


def configuration():
    """What a user writes, with the manifest's hooks as local ones: only language and program differ."""
    program = f"{shlex.quote(sys.executable)} -P -m secretscan"
    local = [
        {**hook, "language": "system", "entry": hook["entry"].replace("secretscan", program, 1)}
        for hook in yaml.safe_load(MANIFEST.read_text())
    ]
    return {"repos": [{"repo": "local", "hooks": local}]}


def git(*args, check=True):
    """Runs git as a user does."""
    return subprocess.run(["git", *args], check=check, capture_output=True, text=True)


def framework(*args, check=False):
    """Runs the framework's own command; its output has what the hooks printed."""
    command = [sys.executable, "-m", "pre_commit", *args]
    return subprocess.run(command, check=check, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def installed():
    """Installs the framework's git hooks."""
    framework("install", "-t", "pre-commit", "-t", "pre-push", "-t", "commit-msg", check=True)


def token():
    """A well-formed token that nobody issued."""
    return f"CCIPAT_{''.join(random.choices(BASE58, k=22))}_{''.join(random.choices('0123456789abcdef', k=40))}"


def write(name, content):
    """Writes a file and stages it."""
    Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    git("add", "--", name)


def commit(*options):
    """Tries to commit what is staged; the hooks' output is in `stderr`."""
    return git("commit", "-m", "change", *options, check=False)


def stopped(outcome):
    """Whether it failed because of the secret, not for another reason."""
    return outcome.returncode != 0 and RULE in (outcome.stdout or "") + (outcome.stderr or "")


def test_the_manifest_is_valid():
    """The framework itself reads it without a word."""
    done = framework("validate-manifest", str(MANIFEST))
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.usefixtures("repository")
def test_a_leak_does_not_get_into_a_commit():
    """A staged secret stops the commit; the next one without passes."""
    installed()
    write("leak.py", f'token = "{token()}"\n')
    assert stopped(commit())
    write("leak.py", 'token = os.environ["CIRCLE_TOKEN"]\n')
    done = commit()
    assert done.returncode == 0, done.stderr


@pytest.mark.usefixtures("repository")
def test_what_is_staged_counts():
    """A secret that is staged and already gone from the file stops; one that is not staged does not."""
    installed()
    write("a.py", f'token = "{token()}"\n')
    Path("a.py").write_text("clean\n")
    assert stopped(commit())
    write("a.py", "clean\n")
    Path("a.py").write_text(f'token = "{token()}"\n')
    done = commit()
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("kind", ["binary", "symlink", "attributes"])
@pytest.mark.usefixtures("repository")
def test_every_type_of_file(kind):
    """Binary files, targets of symlinks, and what .gitattributes calls binary are scanned."""
    installed()
    if kind == "symlink":
        Path("link").symlink_to(token())
        git("add", "link")
    else:
        write("data", b"\0\1\2" * (kind == "binary") + f'token = "{token()}"\n'.encode())
        write(".gitattributes", "data binary\n" * (kind == "attributes"))
    assert stopped(commit())
    commit("--no-verify")
    assert stopped(framework("run", "--all-files"))


@pytest.mark.usefixtures("repository")
def test_a_commit_that_only_deletes():
    """Taking a secret out is no leak."""
    write("leak.py", f'token = "{token()}"\n')
    commit("--no-verify")
    installed()
    git("rm", "-q", "leak.py")
    done = commit()
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("staged", ["", "something clean\n"])
@pytest.mark.usefixtures("repository")
def test_all_files(staged):
    """`run --all-files` finds what is committed, whether something else is staged or nothing at all."""
    assert framework("run", "--all-files").returncode == 0
    write("leak.py", f'token = "{token()}"\n')
    commit("--no-verify")
    if staged:
        write("staged.txt", staged)
    assert stopped(framework("run", "--all-files"))
    assert stopped(framework("run", "--files", "leak.py"))


@pytest.mark.usefixtures("repository")
def test_a_range():
    """`--from-ref --to-ref` finds what a later commit of the range removed again."""
    before = git("rev-parse", "HEAD").stdout.strip()
    write("leak.py", f'token = "{token()}"\n')
    commit("--no-verify")
    git("rm", "-q", "leak.py")
    commit("--no-verify")
    assert stopped(framework("run", "--from-ref", before, "--to-ref", "HEAD"))
    assert framework("run", "--from-ref", "HEAD", "--to-ref", "HEAD").returncode == 0


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.usefixtures("repository")
def test_a_push(tmp_path, first):
    """A leak is stopped at the push, the first one and a later one, also if a later commit removed it again."""
    git("init", "-q", "--bare", str(tmp_path / "remote"))
    git("remote", "add", "origin", str(tmp_path / "remote"))
    installed()
    if not first:
        pushed = git("push", "origin", "main", check=False)
        assert pushed.returncode == 0, pushed.stderr
    write("leak.py", f'token = "{token()}"\n')
    commit("--no-verify")
    git("rm", "-q", "leak.py")
    commit("--no-verify")
    assert stopped(git("push", "origin", "main", check=False))
    git("reset", "-q", "--hard", "HEAD~2")
    write("clean.py", "x = 1\n")
    commit()
    pushed = git("push", "origin", "main", check=False)
    assert pushed.returncode == 0, pushed.stderr


@pytest.mark.usefixtures("repository")
def test_a_commit_message():
    """A secret in the message stops the commit."""
    installed()
    assert stopped(git("commit", "--allow-empty", "-m", f"use {token()}", check=False))
    assert git("commit", "--allow-empty", "-m", "nothing", check=False).returncode == 0


@pytest.mark.usefixtures("repository")
def test_the_history():
    """The manual stage finds what is in no file any more."""
    assert framework("run", "--hook-stage", "manual", "secretscan-history").returncode == 0
    write("leak.py", f'token = "{token()}"\n')
    commit("--no-verify")
    git("rm", "-q", "leak.py")
    commit("--no-verify")
    assert stopped(framework("run", "--hook-stage", "manual", "secretscan-history"))


def test_install_beside_the_framework(repository, capsys):
    """Both run, the better way is named, no order or repetition breaks them; uninstall leaves the framework."""
    hooks = repository / ".git/hooks"
    framework("install", check=True)
    theirs = (hooks / "pre-commit").read_bytes()
    main(["install", "--hook", "pre-commit"])
    assert ".pre-commit-config.yaml" in capsys.readouterr().out
    write("leak.py", f'token = "{token()}"\n')
    assert stopped(commit())

    framework("install", check=True)  # puts ours aside as its legacy hook
    main(["install", "--hook", "pre-commit"])
    assert stopped(commit())
    write("leak.py", "clean\n")
    done = commit()
    assert done.returncode == 0, done.stderr

    main(["uninstall"])
    assert (hooks / "pre-commit").read_bytes() == theirs
    assert not [path.name for path in hooks.iterdir() if "legacy" in path.name or "before" in path.name]


def test_the_framework_installed_after_secretscan(repository):
    """It puts our hook aside and runs it first; the hook that was there before both still runs, and comes back."""
    hooks = repository / ".git/hooks"
    (hooks / "pre-commit").write_text("#!/bin/sh\necho ran >>ran\n")
    (hooks / "pre-commit").chmod(0o755)
    main(["install", "--hook", "pre-commit"])
    framework("install", check=True)
    write("clean.py", "x = 1\n")
    assert commit().returncode == 0
    assert Path("ran").read_text() == "ran\n"
    main(["uninstall"])
    assert (hooks / "pre-commit.legacy").read_text() == "#!/bin/sh\necho ran >>ran\n"


@pytest.mark.usefixtures("repository")
def test_doctor_where_the_framework_runs_secretscan(capfd):
    """Doctor says so and does not run the framework, whose other hooks it does not know."""
    installed()
    assert main(["doctor"]) == 0
    assert ".pre-commit-config.yaml names secretscan" in capfd.readouterr().out
    Path(".pre-commit-config.yaml").write_text("repos: []\n")
    assert main(["doctor"]) == 1
