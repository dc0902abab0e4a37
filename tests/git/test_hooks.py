"""Hooks go in, run, and come out again without a trace."""

import os
import random
import stat
import subprocess
import sys

import pytest

from secretscan.cli import main
from secretscan.git import hookscript

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
RULE = "circleci-personal-api-token"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch, compiled_rules):
    """A home of its own, so that no configuration of the machine matters."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / ".config"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("SECRETSCAN_CACHE_DIR", str(compiled_rules))
    settings = ("[user]", "name = A", "email = a@example.org", "[init]", "defaultBranch = main")
    (folder / ".gitconfig").write_text("\n".join((*settings, '[protocol "file"]', "allow = always", "")))
    return folder


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A fresh repository, which is the current folder."""
    return fresh(tmp_path / "repository", monkeypatch)


def fresh(path, monkeypatch):
    """A new repository with one commit."""
    subprocess.run(["git", "init", "-q", path], check=True)
    (path / "first.txt").write_text("first\n")
    git("add", ".", cwd=path)
    git("commit", "-q", "-m", "first", cwd=path)
    monkeypatch.chdir(path)
    return path


def git(*args, cwd=".", check=True):
    """Runs git as a user does."""
    return subprocess.run(["git", *args], cwd=cwd, check=check, capture_output=True, text=True)


def token():
    """A well-formed token that nobody issued."""
    return f"CCIPAT_{''.join(random.choices(BASE58, k=22))}_{''.join(random.choices('0123456789abcdef', k=40))}"


def commit(content, *, cwd=".", name="new.py"):
    """Commits a file; the outcome of `git commit`."""
    with open(os.path.join(cwd, name), "w", encoding="utf-8") as stream:
        stream.write(content)
    git("add", "--", name, cwd=cwd)
    return git("commit", "-q", "-m", "change", cwd=cwd, check=False)


def leak(cwd="."):
    """Tries to commit a secret."""
    return commit(f'token = "{token()}"\n', cwd=cwd, name="leak.py")


def hook(path, body, mode=0o755):
    """Writes a hook of somebody else."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"#!/bin/sh\n" + body.encode())
    path.chmod(mode)
    return path


def stand_in(tmp_path, monkeypatch, body="exit 0"):
    """Puts a secretscan on PATH that only takes notes, and makes hooks installed now use it."""
    log = tmp_path / "scans"
    hook(tmp_path / "bin" / "secretscan", f'echo "$@" >>"{log}"\n{body}\n')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    return log


def snapshot(folder):
    """Everything in a folder: names, modes, link targets and bytes."""
    return {
        path.relative_to(folder).as_posix(): (
            stat.S_IMODE(path.lstat().st_mode),
            os.readlink(path) if path.is_symlink() else path.read_bytes(),
        )
        for path in folder.rglob("*")
        if path.is_symlink() or path.is_file()
    }


@pytest.mark.usefixtures("repository")
def test_a_leak_is_stopped_and_a_clean_commit_is_not():
    """After `install`, a commit with a secret fails and names the rule; one without goes through."""
    assert main(["install"]) == 0
    blocked = leak()
    assert blocked.returncode != 0
    assert RULE in blocked.stderr + blocked.stdout
    git("rm", "-q", "--cached", "leak.py")
    assert commit("x = 1\n").returncode == 0


def test_a_push_of_a_leak_is_stopped(repository, tmp_path):
    """The pre-push hook stops what was committed around the pre-commit hook."""
    main(["install"])
    git("init", "-q", "--bare", str(tmp_path / "remote"))
    (repository / "leak.py").write_text(f'token = "{token()}"\n')
    git("add", ".")
    git("commit", "-q", "--no-verify", "-m", "leak")
    pushed = git("push", str(tmp_path / "remote"), "HEAD", check=False)
    assert pushed.returncode != 0
    assert RULE in pushed.stderr + pushed.stdout


def test_a_commit_message_with_a_leak_is_stopped(repository):
    """`--hook commit-msg` installs that hook alone."""
    main(["install", "--hook", "commit-msg"])
    assert not (repository / ".git/hooks/pre-commit").exists()
    stopped = git("commit", "-q", "--allow-empty", "-m", f"use {token()}", check=False)
    assert stopped.returncode != 0
    assert git("commit", "-q", "--allow-empty", "-m", "nothing here", check=False).returncode == 0


def test_uninstall_of_a_fresh_install_leaves_nothing(repository):
    """The hooks folder is what it was."""
    before = snapshot(repository / ".git" / "hooks")
    main(["install", "--hook", "pre-commit", "--hook", "pre-push", "--hook", "commit-msg"])
    main(["uninstall"])
    assert snapshot(repository / ".git" / "hooks") == before


def test_an_earlier_hook_runs_first_with_its_arguments(repository, tmp_path, monkeypatch):
    """It gets the arguments and the environment that git gives, and then secretscan gets the same arguments."""
    scans = stand_in(tmp_path, monkeypatch, f'cat "$2" >>"{tmp_path}/message"')
    noted = tmp_path / "noted"
    hook(repository / ".git/hooks/commit-msg", f'echo "$@|$GIT_INDEX_FILE" >"{noted}"; echo "more" >>"$1"\n')
    main(["install", "--hook", "commit-msg"])
    git("commit", "-q", "--allow-empty", "-m", "say")
    assert noted.read_text() == ".git/COMMIT_EDITMSG|.git/index\n"
    assert scans.read_text() == "message .git/COMMIT_EDITMSG\n"
    assert (tmp_path / "message").read_text() == "say\nmore\n"


def test_a_failing_earlier_hook_stops_the_commit(repository, tmp_path, monkeypatch):
    """Its exit code is the hook's, and secretscan is not asked any more."""
    scans = stand_in(tmp_path, monkeypatch)
    hook(repository / ".git/hooks/pre-commit", "echo no >&2; exit 7\n")
    main(["install"])
    assert commit("x\n").returncode != 0
    assert subprocess.run([repository / ".git/hooks/pre-commit"], check=False).returncode == 7
    assert not scans.exists()


def test_an_earlier_hook_that_may_not_be_executed_is_not_run(repository, tmp_path, monkeypatch):
    """Git passes over it, and so do we; its mode stays."""
    scans = stand_in(tmp_path, monkeypatch)
    old = hook(repository / ".git/hooks/pre-commit", "exit 1\n", mode=0o644)
    before = snapshot(repository / ".git" / "hooks")
    main(["install"])
    assert commit("x\n").returncode == 0
    assert scans.read_text() == "staged\n"
    main(["uninstall"])
    assert snapshot(repository / ".git" / "hooks") == before
    assert stat.S_IMODE(old.stat().st_mode) == 0o644


@pytest.mark.parametrize("mode", [0o755, 0o700, 0o644])
def test_uninstall_puts_an_earlier_hook_back(repository, mode):
    """Byte for byte, also bytes that are no text, with its mode."""
    old = repository / ".git/hooks/pre-push"
    old.write_bytes(b"#!/bin/sh\r\n\xff\0 no end of line")
    old.chmod(mode)
    before = snapshot(repository / ".git" / "hooks")
    main(["install"])
    assert snapshot(repository / ".git" / "hooks") != before
    main(["uninstall"])
    assert snapshot(repository / ".git" / "hooks") == before


def test_uninstall_puts_a_linked_hook_back(repository, tmp_path):
    """A symlink comes back as a symlink, and runs from where it points to in between."""
    hook(repository / "tools/check", f'touch "{tmp_path}/ran"\n')
    (repository / ".git/hooks/pre-commit").symlink_to("../../tools/check")
    before = snapshot(repository / ".git" / "hooks")
    main(["install"])
    assert commit("x = 1\n").returncode == 0
    assert (tmp_path / "ran").exists()
    main(["uninstall"])
    assert snapshot(repository / ".git" / "hooks") == before


def test_installing_twice_is_installing_once(repository, capfd):
    """Nothing changes, and the earlier hook is still the earlier one."""
    hook(repository / ".git/hooks/pre-commit", "exit 0\n")
    main(["install"])
    once = snapshot(repository / ".git" / "hooks")
    capfd.readouterr()
    assert main(["install"]) == 0
    assert snapshot(repository / ".git" / "hooks") == once
    assert "installed already" in capfd.readouterr().out


def test_another_python_is_written_into_an_old_hook(repository, monkeypatch, tmp_path):
    """Installing again after secretscan moved mends the hook and keeps the earlier one."""
    old = hook(repository / ".git/hooks/pre-commit", "exit 0\n").read_bytes()
    with monkeypatch.context() as context:
        context.setattr(sys, "executable", str(tmp_path / "gone"))
        main(["install"])
    assert main(["install"]) == 0
    assert leak().returncode != 0
    assert (repository / ".git/hooks/pre-commit.before-secretscan").read_bytes() == old


@pytest.mark.parametrize("text", ["one 1 two 2\nthree 3 four 4\n", "x 1 y 2\n", ""])
def test_the_lines_of_a_push_reach_both(repository, tmp_path, monkeypatch, text):
    """The earlier pre-push hook and secretscan read the same lines and get the same arguments."""
    scans = stand_in(tmp_path, monkeypatch, f'cat >"{tmp_path}/second"')
    hook(repository / ".git/hooks/pre-push", f'cat >"{tmp_path}/first"; echo "$@" >"{tmp_path}/arguments"\n')
    main(["install"])
    subprocess.run([".git/hooks/pre-push", "origin", "some where"], input=text.encode(), check=True)
    assert (tmp_path / "first").read_text() == (tmp_path / "second").read_text() == text
    assert (tmp_path / "arguments").read_text() == "origin some where\n"
    assert scans.read_text() == "push origin some where\n"


def test_a_long_push_that_the_earlier_hook_does_not_read(repository, tmp_path, monkeypatch):
    """More lines than a pipe holds neither hang nor get lost."""
    stand_in(tmp_path, monkeypatch, f'cat >"{tmp_path}/second"')
    hook(repository / ".git/hooks/pre-push", "exit 0\n")
    main(["install"])
    text = "".join(f"refs/heads/{i} {'1' * 40} refs/heads/{i} {'0' * 40}\n" for i in range(5000))
    done = subprocess.run([".git/hooks/pre-push", "o", "u"], input=text.encode(), check=True, capture_output=True)
    assert (tmp_path / "second").read_text() == text
    assert done.stderr == b""


def test_a_failing_earlier_push_hook_stops_the_push(repository, tmp_path, monkeypatch):
    """Its exit code is the hook's."""
    scans = stand_in(tmp_path, monkeypatch)
    hook(repository / ".git/hooks/pre-push", "cat >/dev/null; exit 9\n")
    main(["install"])
    assert subprocess.run([".git/hooks/pre-push", "o", "u"], input=b"a b c d\n", check=False).returncode == 9
    assert not scans.exists()


@pytest.mark.parametrize("name", ["absolute", "relative", "global"])
def test_core_hooks_path_is_followed(repository, tmp_path, name, home):
    """Hooks go where git looks for them, also when asked from a folder further down."""
    folder = {"absolute": tmp_path / "my hooks", "relative": repository / "tools/hooks", "global": home / "hooks"}[name]
    value = {"absolute": str(folder), "relative": "tools/hooks", "global": "~/hooks"}[name]
    git("config", "--global" if name == "global" else "--local", "core.hooksPath", value)
    (repository / "below").mkdir()
    os.chdir(repository / "below")
    main(["install"])
    assert (folder / "pre-commit").exists()
    assert not (repository / ".git/hooks/pre-commit").exists()
    assert leak(repository).returncode != 0
    main(["uninstall"])
    assert os.listdir(folder) == []


@pytest.mark.usefixtures("repository")
def test_a_hooks_folder_that_cannot_be_one(capsys):
    """Hooks switched off by core.hooksPath=/dev/null is an error in one line."""
    git("config", "core.hooksPath", os.devnull)
    assert main(["install"]) == 2
    said = capsys.readouterr().err
    assert os.devnull in said
    assert said.count("\n") == 1


def test_a_linked_work_tree_shares_the_hooks(repository, tmp_path):
    """Installed from a linked work tree, the hook works there and in the main one."""
    git("worktree", "add", "-q", str(tmp_path / "linked"))
    os.chdir(tmp_path / "linked")
    main(["install"])
    assert leak().returncode != 0
    assert leak(repository).returncode != 0


def test_a_submodule_has_its_own_hooks(repository, tmp_path, monkeypatch):
    """Installed in a submodule, the hook works there and not in the repository around it."""
    inner = fresh(tmp_path / "inner", monkeypatch)
    git("submodule", "add", "-q", str(inner), "sub", cwd=repository)
    os.chdir(repository / "sub")
    main(["install"])
    assert leak().returncode != 0
    assert leak(repository).returncode == 0


def test_odd_names_of_folders(tmp_path, monkeypatch):
    """Spaces, quotes, letters beyond ASCII and a dollar sign in the path do no harm."""
    repository = fresh(tmp_path / "pro jekt 'ä' \"$HOME\" 界", monkeypatch)
    hook(repository / ".git/hooks/pre-commit", "touch ran\n")
    main(["install"])
    assert leak().returncode != 0
    assert (repository / "ran").exists()


@pytest.mark.usefixtures("repository")
def test_odd_names_of_the_python(tmp_path, monkeypatch):
    """A Python whose path has spaces, quotes and letters beyond ASCII is found."""
    folder = tmp_path / "py 'ä' $x"
    folder.mkdir()
    (folder / "python").symlink_to(sys.executable)
    hook(folder / "python3", f'exec "{sys.executable}" "$@"\n')
    monkeypatch.setattr(sys, "executable", str(folder / "python3"))
    main(["install"])
    blocked = leak()
    assert blocked.returncode != 0
    assert RULE in blocked.stderr


@pytest.mark.usefixtures("repository")
def test_without_secretscan_the_hook_fails_closed(tmp_path, monkeypatch):
    """One line says what is missing and how to go on."""
    with monkeypatch.context() as context:
        context.setattr(sys, "executable", str(tmp_path / "gone"))
        main(["install"])
    bare = tmp_path / "path"
    bare.mkdir()
    for program in ("git", "sh"):
        (bare / program).symlink_to(
            subprocess.run(["which", program], check=True, capture_output=True, text=True).stdout.strip()
        )
    monkeypatch.setenv("PATH", str(bare))
    blocked = commit("x\n")
    assert blocked.returncode != 0
    assert "git commit --no-verify" in blocked.stderr
    assert blocked.stderr.count("\n") == 1


@pytest.mark.skipif(not os.path.exists("/proc/self/comm"), reason="reads who started a process from /proc")
@pytest.mark.usefixtures("repository")
def test_nothing_stands_between_git_and_secretscan(tmp_path, monkeypatch):
    """With no earlier hook, the shell becomes secretscan: its parent is git itself."""
    stand_in(tmp_path, monkeypatch, f'cat /proc/$PPID/comm >"{tmp_path}/parent"')
    main(["install"])
    assert commit("x\n").returncode == 0
    assert (tmp_path / "parent").read_text() == "git\n"


@pytest.mark.parametrize(
    "module", ["secretscan/__init__.py", "secretscan.py", "regex.py", "hyperscan.py", "sitecustomize.py"]
)
def test_code_of_the_repository_is_not_imported(repository, tmp_path, module):
    """A module in the top folder that is called like one of ours is not run by the hook."""
    main(["install"])
    (repository / module).parent.mkdir(exist_ok=True)
    assert commit(f"open({str(tmp_path / 'imported')!r}, 'w')\n", name=module).returncode == 0
    assert not (tmp_path / "imported").exists()


@pytest.mark.parametrize("line", ['name=$(basename "$0")', "name=${0##*/}", "hook = os.path.basename(sys.argv[0])"])
def test_a_hook_that_goes_by_its_name_is_left_alone(repository, line, capsys):
    """It would stop working under another name: the error says what to add instead; --force chains it."""
    hook(repository / ".git/hooks/pre-commit", line + "\n")
    before = snapshot(repository / ".git" / "hooks")
    assert main(["install", "--hook", "pre-push", "--hook", "pre-commit"]) == 2
    assert "'secretscan staged \"$@\"'" in capsys.readouterr().err
    assert snapshot(repository / ".git" / "hooks") == before
    assert main(["install", "--force"]) == 0
    assert (repository / ".git/hooks/pre-commit.before-secretscan").exists()


def test_husky_is_left_alone(repository, capsys):
    """Husky writes its folder anew with every install, and its hooks go by their own name."""
    git("config", "core.hooksPath", ".husky/_")
    hook(repository / ".husky/_/pre-commit", '. "$(dirname "$0")/h"\n')
    assert main(["install"]) == 2
    assert ".husky/pre-commit" in capsys.readouterr().err


def test_an_earlier_hook_that_nothing_runs_is_not_overwritten(repository, capsys):
    """Somebody wrote over our hook: the one we keep stays, and the error names it."""
    hook(repository / ".git/hooks/pre-commit", "echo first\n")
    main(["install"])
    hook(repository / ".git/hooks/pre-commit", "echo second\n")
    before = snapshot(repository / ".git" / "hooks")
    assert main(["install", "--force"]) == 2
    assert "pre-commit.before-secretscan" in capsys.readouterr().err
    assert snapshot(repository / ".git" / "hooks") == before


def test_uninstall_after_our_hook_was_deleted(repository):
    """The earlier hook comes back all the same."""
    hook(repository / ".git/hooks/pre-commit", "exit 0\n")
    before = snapshot(repository / ".git" / "hooks")
    main(["install"])
    (repository / ".git/hooks/pre-commit").unlink()
    main(["uninstall"])
    assert snapshot(repository / ".git" / "hooks") == before


def test_uninstall_leaves_hooks_of_others(repository, capsys):
    """A hook that is not ours stays, even if it names secretscan."""
    hook(repository / ".git/hooks/pre-commit", "exec secretscan staged\n")
    before = snapshot(repository / ".git" / "hooks")
    assert main(["uninstall"]) == 0
    assert snapshot(repository / ".git" / "hooks") == before
    assert "no hook of secretscan" in capsys.readouterr().out


def test_outside_of_a_repository(tmp_path, monkeypatch, capsys):
    """Installing needs a repository: exit code 3 and one line."""
    monkeypatch.chdir(tmp_path)
    assert main(["install"]) == 3
    assert "not a git repository" in capsys.readouterr().err


def work(tmp_path, name):
    """A day's work in a new repository whose hooks of every name take notes; what they noted, and what git printed."""
    repository, remote, notes = tmp_path / name, tmp_path / f"{name}-remote", tmp_path / f"{name}-notes"
    for place in (repository, remote):
        subprocess.run(["git", "init", "-q", place], check=True)
        for each in hookscript.NAMES:
            if each not in ("push-to-checkout", "proc-receive", "fsmonitor-watchman"):
                hook(
                    place / ".git/hooks" / each,
                    f'echo "{each} $#" >>"{notes}"; case $0 in *pre-push) cat >>"{notes}.push";; esac\n',
                )
    git("config", "receive.denyCurrentBranch", "updateInstead", cwd=remote)
    run = [
        commit("one\n", cwd=repository, name="one"),
        git("checkout", "-q", "-b", "side", cwd=repository),
        commit("two\n", cwd=repository, name="two"),
        git("checkout", "-q", "main", cwd=repository),
        commit("three\n", cwd=repository, name="three"),
        git("merge", "-q", "--no-edit", "side", cwd=repository),
        git("commit", "-q", "--amend", "-m", "again", cwd=repository),
        git("push", "-q", str(remote), "main", "side", cwd=repository),
        git("push", "-q", str(remote), "main:other", cwd=repository),
        git("worktree", "add", "-q", str(tmp_path / f"{name}-linked"), "side", cwd=repository),
        commit("four\n", cwd=tmp_path / f"{name}-linked", name="four"),
        git("format-patch", "-1", "-o", str(tmp_path / name), cwd=repository),
        git("rebase", "-q", "side", cwd=repository),
        git("gc", "-q", "--auto", cwd=repository),
    ]
    files = sorted(path.name for path in remote.iterdir())
    pushed = [line.split()[::2] for line in (tmp_path / f"{name}-notes.push").read_text().splitlines()]
    return notes.read_text().splitlines(), pushed, [each.returncode for each in run], files


def index_changes(noted):
    """Takes the calls of post-index-change out of what work() noted, and counts them.

    Git refreshes the index once more where a file's time falls into the same second as the index's: their number and
    place are the clock's.
    """
    kept = [note for note in noted[0] if not note.startswith("post-index-change")]
    count = len(noted[0]) - len(kept)
    noted[0][:] = kept
    return count


def test_global_hooks_run_every_hook_of_the_repository(tmp_path, monkeypatch, home):
    """The same work calls the same hooks in the same order as without, and git does the same."""
    without = work(tmp_path, "without")
    monkeypatch.chdir(home)
    assert main(["install", "--global"]) == 0
    assert os.path.realpath(git("config", "--global", "core.hooksPath").stdout.strip()) == str(
        home / ".config/secretscan/hooks"
    )
    within = work(tmp_path, "within")
    assert index_changes(within)
    assert index_changes(without)
    assert within == without
    assert len({note.split()[0] for note in without[0]}) > 12


@pytest.mark.usefixtures("repository")
def test_global_hooks_stop_a_leak_in_every_repository(tmp_path, monkeypatch):
    """Also in a linked work tree and in a repository made later."""
    main(["install", "--global"])
    git("worktree", "add", "-q", str(tmp_path / "linked"))
    assert leak(tmp_path / "linked").returncode != 0
    assert leak().returncode != 0
    later = fresh(tmp_path / "later", monkeypatch)
    assert RULE in leak(later).stderr


@pytest.mark.usefixtures("repository")
def test_global_uninstall_leaves_nothing(home):
    """Configuration and folders are what they were, byte for byte."""
    before = snapshot(home)
    main(["install", "--global"])
    main(["install", "--global", "--hook", "commit-msg"])
    main(["uninstall", "--global"])
    assert snapshot(home) == before
    assert not (home / ".config/secretscan").exists()


@pytest.mark.usefixtures("repository")
def test_global_hooks_before_those_that_were_global_already(home, tmp_path):
    """A folder of global hooks that is there stays the one; its hooks run first and come back as they were."""
    hook(home / "mine/pre-commit", f'touch "{tmp_path}/ran"\n')
    git("config", "--global", "core.hooksPath", "~/mine")
    before = snapshot(home)
    main(["install", "--global"])
    assert leak().returncode != 0
    assert (tmp_path / "ran").exists()
    main(["uninstall", "--global"])
    assert snapshot(home) == before


def test_a_relative_global_hooks_path_is_remembered(repository, home, tmp_path):
    """Each repository's folder of that name is passed on to, and the value comes back at the end."""
    git("config", "--global", "core.hooksPath", "tools/hooks")
    hook(repository / "tools/hooks/pre-commit", f'touch "{tmp_path}/ran"\n')
    hook(repository / "tools/hooks/post-commit", f'touch "{tmp_path}/ran-after"\n')
    before = snapshot(home)
    main(["install", "--global"])
    main(["install", "--global"])
    assert commit("x = 1\n").returncode == 0
    assert (tmp_path / "ran").exists()
    assert (tmp_path / "ran-after").exists()
    assert leak().returncode != 0
    main(["uninstall", "--global"])
    assert snapshot(home) == before


@pytest.mark.usefixtures("repository")
def test_a_system_hooks_path_is_passed_on_to(tmp_path, monkeypatch):
    """Hooks that the machine's administrator set for all users keep running."""
    monkeypatch.delenv("GIT_CONFIG_NOSYSTEM")
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", str(tmp_path / "system"))
    (tmp_path / "system").write_text(f'[core]\n\thooksPath = "{tmp_path}/shared hooks"\n')
    hook(tmp_path / "shared hooks/pre-commit", f'touch "{tmp_path}/ran"\n')
    main(["install", "--global"])
    assert leak().returncode != 0
    assert (tmp_path / "ran").exists()
    main(["uninstall", "--global"])
    assert git("config", "core.hooksPath").stdout == f"{tmp_path}/shared hooks\n"


def test_global_and_local_hooks_scan_once(repository, tmp_path, monkeypatch):
    """Where both are installed, the change is scanned once, and the earlier hook runs once."""
    hook(repository / ".git/hooks/pre-commit", f'echo ran >>"{tmp_path}/ran"\n')
    scans = stand_in(tmp_path, monkeypatch)
    main(["install", "--hook", "pre-commit"])
    main(["install", "--global"])
    assert commit("x\n").returncode == 0
    assert scans.read_text() == "staged\n"
    assert (tmp_path / "ran").read_text() == "ran\n"


@pytest.mark.usefixtures("repository")
def test_a_local_hook_beside_global_ones(home):
    """Where the global hooks leave commit-msg out, a repository can have it, without touching the global folder."""
    main(["install", "--global"])
    before = snapshot(home)
    main(["install", "--hook", "commit-msg"])
    assert snapshot(home) == before
    assert git("commit", "--allow-empty", "-m", f"use {token()}", check=False).returncode != 0
    main(["uninstall"])
    assert snapshot(home) == before
    assert git("commit", "--allow-empty", "-m", f"use {token()}", check=False).returncode == 0


def test_pushing_into_a_work_tree_with_global_hooks(repository, tmp_path):
    """`receive.denyCurrentBranch=updateInstead` still updates the work tree, and still refuses a changed one."""
    main(["install", "--global"])
    git("clone", "-q", str(repository), str(tmp_path / "clone"))
    git("config", "receive.denyCurrentBranch", "updateInstead")
    commit("pushed\n", cwd=tmp_path / "clone", name="pushed")
    assert git("push", "-q", cwd=tmp_path / "clone", check=False).returncode == 0
    assert (repository / "pushed").read_text() == "pushed\n"
    (repository / "pushed").write_text("changed here\n")
    commit("again\n", cwd=tmp_path / "clone", name="pushed")
    assert git("push", "-q", cwd=tmp_path / "clone", check=False).returncode != 0
    assert (repository / "pushed").read_text() == "changed here\n"


@pytest.mark.usefixtures("repository")
def test_files_of_others_in_the_global_folder_stay(home, capsys):
    """What somebody put there is not removed, and is named."""
    main(["install", "--global"])
    other = hook(home / ".config/secretscan/hooks/post-commit", "exit 0\n")
    assert main(["install", "--global"]) == 0
    assert main(["install", "--global", "--hook", "pre-commit"]) == 0
    main(["uninstall", "--global"])
    assert other.exists()
    assert str(other) in capsys.readouterr().out


def doctor(capfd):
    """Runs doctor: its exit code and what it printed."""
    capfd.readouterr()
    code = main(["doctor"])
    return code, capfd.readouterr().out


@pytest.mark.usefixtures("repository")
def test_doctor_on_a_good_installation(capfd):
    """Exit code 0, the leak was stopped by name, and no change passed."""
    main(["install"])
    code, said = doctor(capfd)
    assert code == 0, said
    assert RULE in said
    assert "problem" not in said


def test_doctor_leaves_no_trace(repository, capfd):
    """Not one object, no ref, no change of the index or the work tree, although something is staged."""
    main(["install"])
    leak()  # the first finding of all makes the key of the fingerprints
    git("rm", "-q", "-f", "leak.py")
    (repository / "staged.txt").write_text("staged\n")
    git("add", ".")
    git("config", "core.splitIndex", "true")
    hook(repository / ".git/hooks/post-index-change", "touch told\n")
    before = snapshot(repository)
    assert doctor(capfd)[0] == 0
    assert snapshot(repository) == before


def test_doctor_runs_no_earlier_hook(repository, capfd):
    """It may change files; what is proven is that secretscan stops the commit."""
    hook(repository / ".git/hooks/pre-commit", "touch ran\n")
    main(["install"])
    assert doctor(capfd)[0] == 0
    assert not (repository / "ran").exists()


@pytest.mark.parametrize("place", ["empty", "below", "linked", "global", "configured"])
def test_doctor_in_other_places(repository, tmp_path, capfd, place):
    """Before the first commit, in a subfolder, in a linked work tree, with global hooks, beside configured hooks."""
    if place == "empty":
        git("init", "-q", str(tmp_path / "empty"))
        os.chdir(tmp_path / "empty")
    elif place == "below":
        (repository / "below").mkdir()
        os.chdir("below")
    elif place == "linked":
        git("worktree", "add", "-q", str(tmp_path / "linked"))
        os.chdir(tmp_path / "linked")
    elif place == "configured":
        git("config", "hook.lint.event", "pre-commit")
        git("config", "hook.lint.command", "touch ran")
    main(["install", *(["--global"] if place == "global" else [])])
    code, said = doctor(capfd)
    assert code == 0, said
    assert RULE in said
    assert ("hook.lint" in said) == (place == "configured")
    assert not (repository / "ran").exists()


@pytest.mark.usefixtures("repository")
def test_doctor_without_a_hook(capfd):
    """Exit code 1, and the line that mends it."""
    code, said = doctor(capfd)
    assert code == 1
    assert "secretscan install" in said


def test_doctor_does_not_run_a_hook_of_others(repository, capfd):
    """Nobody knows what it does: it counts as not installed."""
    hook(repository / ".git/hooks/pre-commit", "touch ran; exit 1\n")
    code, said = doctor(capfd)
    assert code == 1
    assert "not installed" in said
    assert not (repository / "ran").exists()


def test_doctor_on_a_hook_that_git_passes_over(repository, capfd):
    """Without the right to be executed it does nothing."""
    main(["install"])
    (repository / ".git/hooks/pre-commit").chmod(0o644)
    code, said = doctor(capfd)
    assert code == 1
    assert "may not be executed" in said
    assert main(["install"]) == 0
    assert doctor(capfd)[0] == 0


@pytest.mark.usefixtures("repository")
def test_doctor_on_a_hook_that_stops_nothing(capfd, tmp_path, monkeypatch):
    """A secretscan that lets a leak pass is found out."""
    stand_in(tmp_path, monkeypatch, "exit 0")
    main(["install"])
    code, said = doctor(capfd)
    assert code == 1
    assert "A LEAK PASSES" in said


@pytest.mark.usefixtures("repository")
def test_doctor_on_a_hook_that_stops_everything(capfd, tmp_path, monkeypatch):
    """One that fails for another reason is no proof, and its last line is shown."""
    stand_in(tmp_path, monkeypatch, "echo out of order >&2; exit 3")
    main(["install"])
    code, said = doctor(capfd)
    assert code == 1
    assert said.count("out of order") == 2


def test_doctor_on_a_broken_configuration(repository, capfd):
    """It would stop every commit: one line says where it is broken."""
    main(["install"])
    (repository / ".secretscan.toml").write_text("min_confidenze = 1\n")
    code, said = doctor(capfd)
    assert code == 1
    assert "min_confidenze" in said


@pytest.mark.usefixtures("repository")
def test_doctor_shows_no_whole_secret(capfd, tmp_path, monkeypatch):
    """Even a made-up one is not printed."""
    stand_in(tmp_path, monkeypatch, "git show :secretscan-rehearsal.txt >&2; exit 1")
    main(["install"])
    assert "CCIPAT_" not in doctor(capfd)[1]


def test_doctor_in_a_bare_repository_and_outside(tmp_path, monkeypatch, capfd):
    """Nobody commits in a bare one; outside of any it is exit code 3."""
    git("init", "-q", "--bare", str(tmp_path / "bare"))
    monkeypatch.chdir(tmp_path / "bare")
    assert doctor(capfd)[0] == 0
    monkeypatch.chdir(tmp_path)
    assert doctor(capfd)[0] == 3
