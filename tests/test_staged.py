"""`secretscan staged`: what the index adds is found, whatever hides it; what was there before is not reported."""

import base64
import io
import os
import subprocess
import sys
import zipfile
from urllib.parse import quote

import pytest

RULE = "circleci-personal-api-token"
OTHER = "github-personal-access-token"


@pytest.fixture
def staged(secretscan):
    """Scans the staged change and gives the result with its report as JSON."""
    return lambda *args, **env: secretscan("staged", "--format", "json", *args, **env)


def stopped(result, *places):
    """Whether the commit is stopped because of RULE at exactly these places, with nothing skipped."""
    assert result.err == ""
    assert result.places == list(places)
    assert {finding["rule_id"] for finding in result.findings} == {RULE}
    assert result.skipped == {}
    return result.code == 1


def silent(result):
    """Whether the commit goes through: nothing found, nothing skipped."""
    assert (result.code, result.err) == (0, ""), result
    assert result.places == []
    return result.skipped == {}


def test_a_clean_change_passes(repo, staged):
    """Nothing to say, and the files are counted."""
    repo.add("a.py", "import os\n\nprint(os.name)\n")
    result = staged()
    assert silent(result)
    assert {name: result.report["stats"][name] for name in ("files", "lines")} == {"files": 1, "lines": 3}


def test_nothing_staged_passes(repo, staged):
    """An empty change is clean."""
    repo.save("a.py", "x = 1\n")
    assert silent(staged())


def test_exact_span_of_a_secret(repo, staged, token):
    """Line and columns, 1-based in characters, enclose the secret and nothing else."""
    value = token(RULE)
    repo.add("ä/ci.py", f"# größe\nürl, key = 1, '{value}'\n")
    result = staged()
    assert stopped(result, ("ä/ci.py", 2))
    found = result.findings[0]
    assert (found["column"], found["end_line"], found["end_column"]) == (16, 2, 16 + len(value))
    assert (found["exposure"], found["confidence"], found["provider"]) == ("staged", "high", "circleci")


def test_secret_in_the_index_but_already_cleaned_in_the_tree(repo, staged, token):
    """The index counts, not the working tree."""
    repo.save("ci.py", "x = 1\n")
    repo.add("ci.py", f"key = '{token(RULE)}'\n")
    repo.write("ci.py", "key = os.environ['KEY']\n")
    assert stopped(staged(), ("ci.py", 1))


def test_secret_in_the_index_of_a_file_gone_from_the_tree(repo, staged, token):
    """The file need not be there any more."""
    repo.add("ci.py", f"key = '{token(RULE)}'\n")
    (repo.path / "ci.py").unlink()
    assert stopped(staged(), ("ci.py", 1))


def test_first_commit_of_an_empty_repository(repo, secretscan, token):
    """Without a commit before it, all that is staged is new; also in the hook's own bare call."""
    repo.add("ci.py", f"key = '{token(RULE)}'\n")
    result = secretscan("staged")
    assert result.code == 1
    assert "ci.py:1:8" in result.out
    assert RULE in result.out


@pytest.mark.parametrize(
    "encoding",
    ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-8-sig"],
    ids=lambda name: name if name[-3:] in ("-le", "-be") else f"{name} with a byte order mark",
)
def test_encoding(repo, staged, token, encoding):
    """Text in any Unicode encoding is read, with and without a mark; line and column are those of the text."""
    repo.add("ci.ps1", f"# build\r\n$key = '{token(RULE)}'\r\n".encode(encoding))
    result = staged()
    assert stopped(result, ("ci.ps1", 2))
    assert result.findings[0]["column"] == 9


@pytest.mark.parametrize("encoding", ["utf-16-be", "utf-32-be"])
def test_big_endian_with_a_byte_order_mark(repo, staged, token, encoding):
    """The mark of the other byte order is known too."""
    repo.add("ci.ps1", f"\ufeff$key = '{token(RULE)}'\r\n".encode(encoding))
    assert stopped(staged(), ("ci.ps1", 1))


def test_one_nul_byte(repo, staged, token):
    """One NUL byte makes a file binary to git, not to us."""
    repo.add("ci.py", f"x = 1\n\0\nkey = '{token(RULE)}'\n")
    assert stopped(staged(), ("ci.py", 3))


def test_nul_bytes_between_the_characters(repo, staged, token):
    """A UTF-16 string inside a binary file is found."""
    repo.add("app.exe", bytes(range(256)) * 30 + token(RULE).encode("utf-16-le") + b"\0\0\xff\xfe")
    result = staged()
    assert (result.code, len(result.findings)) == (1, 1)


def test_latin_1_bytes(repo, staged, token):
    """Bytes that are no UTF-8 around a secret do not hide it; columns count bytes then."""
    repo.add("ci.py", "# für\n".encode("latin-1") + "é = '".encode("latin-1") + token(RULE).encode() + b"'\n")
    result = staged()
    assert stopped(result, ("ci.py", 2))
    assert result.findings[0]["column"] == 6


def test_file_name_in_latin_1(repo, staged, secretscan, token):
    """A path that is no UTF-8 is read, and printed in every format on a stream that refuses such bytes."""
    name = os.fsdecode(b"caf\xe9.py")
    repo.add(name, f"key = '{token(RULE)}'\n")
    result = staged(PYTHONIOENCODING="utf-8:strict")
    assert (result.code, result.err, len(result.findings)) == (1, "", 1)
    for form in ("text", "jsonl", "sarif"):
        printed = secretscan("staged", "--format", form, PYTHONIOENCODING="utf-8:strict")
        assert (printed.code, printed.err) == (1, "")


@pytest.mark.parametrize("attribute", ["-diff", "binary", "-text -diff", "filter=none diff=none", "export-ignore"])
def test_attribute(repo, staged, token, attribute):
    """What .gitattributes says of diffs does not matter."""
    repo.save(".gitattributes", f"*.py {attribute}\n")
    repo.add("ci.py", f"key = '{token(RULE)}'\n")
    assert stopped(staged(), ("ci.py", 1))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("color.ui", "always"),
        ("color.diff", "always"),
        ("diff.noprefix", "true"),
        ("diff.mnemonicPrefix", "true"),
        ("diff.renames", "copies"),
        ("diff.relative", "true"),
        ("diff.orderFile", ".gitignore"),
        ("diff.suppressBlankEmpty", "true"),
        ("diff.ignoreSubmodules", "all"),
        ("diff.submodule", "log"),
        ("diff.algorithm", "patience"),
        ("diff.context", "0"),
        ("diff.indentHeuristic", "false"),
        ("diff.wordRegex", "."),
        ("core.quotePath", "true"),
        ("core.abbrev", "4"),
        ("core.ignoreCase", "true"),
        ("core.bigFileThreshold", "1"),
        ("core.attributesFile", "/dev/null"),
        ("status.renames", "copies"),
    ],
    ids=lambda text: text,
)
def test_setting(repo, staged, token, name, value):
    """How a diff should look is none of our business."""
    repo.save("sub/old.py", "x = 1\n" * 20)
    repo.save(".gitignore", "*.log\n")
    repo.add("sub/new.py", "x = 1\n" * 20 + f"key = '{token(RULE)}'\n")
    repo.git("config", name, value)
    assert stopped(staged(), ("sub/new.py", 21))


def test_an_order_file_that_is_not_there(repo, staged, token):
    """It stops `git diff`, not the scan, which does not need the order."""
    repo.add("ci.py", f"key = '{token(RULE)}'\n")
    repo.git("config", "diff.orderFile", "gone.txt")
    assert stopped(staged(), ("ci.py", 1))


TRAPS = {
    "external diff": ("diff.external",),
    "textconv driver": ("diff.trap.textconv", "diff.trap.command"),
    "fsmonitor program": ("core.fsmonitor",),
    "clean filter": ("filter.trap.clean", "filter.trap.smudge"),
    "filter process": ("filter.trap.process",),
    "pager": ("core.pager", "pager.diff", "pager.log"),
    "signature program": ("gpg.program", "gpg.ssh.program"),
    "hooks folder": ("core.hooksPath",),
    "editor, ssh and askpass": ("core.editor", "core.sshCommand", "core.askPass"),
    "alias of a plumbing command": ("alias.diff", "alias.cat-file", "alias.rev-parse"),
    "merge driver": ("merge.trap.driver",),
}


@pytest.mark.parametrize("settings", TRAPS.values(), ids=TRAPS.keys())
def test_what_the_configuration_names_is_never_executed(repo, staged, token, settings):
    """A program of the repository's configuration is not started, and hides nothing."""
    sprung = repo.path.parent / "sprung"
    trap = repo.write("../trap/program", f"#!/bin/sh\ntouch '{sprung}'\n")
    trap.chmod(0o755)
    for hook in ("post-index-change", "reference-transaction", "pre-commit"):
        (trap.parent / hook).symlink_to(trap)
    repo.save("ci.py", "x = 1\n")
    repo.save(".gitattributes", "*.py diff=trap filter=trap merge=trap\n")
    repo.add("ci.py", f"key = '{token(RULE)}'\n")
    for name in settings:
        repo.git("config", name, str(trap.parent if name == "core.hooksPath" else trap))
    repo.git("config", "log.showSignature", "true")
    os.utime(repo.path / "ci.py", (1, 1))  # git wants to look at the file again
    assert stopped(staged(GIT_EXTERNAL_DIFF=str(trap), GIT_PAGER=str(trap)), ("ci.py", 1))
    assert not sprung.exists()


def test_modules_of_the_repository_are_never_imported(repo, token, environment):
    """Neither by the scan nor by the process that compiles the rules behind it when there is no cache."""
    sprung = repo.path.parent / "sprung"
    for name in ("secretscan/__init__", "secretscan/__main__", "regex", "hyperscan", "tomllib", "json", "argparse"):
        repo.add(f"{name}.py", f"open({str(sprung)!r}, 'w').close()\n")
    repo.add("ci.py", f"key = '{token(RULE)}'\n")
    folder = repo.path.parent / "fresh cache"
    ended, kept_open = os.pipe()  # whoever inherits the writing end keeps the reading one waiting
    os.set_inheritable(kept_open, True)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "secretscan", "staged", "--format", "json"],
        env={**environment, "SECRETSCAN_CACHE_DIR": str(folder)},
        pass_fds=(kept_open,),
        capture_output=True,
        check=False,
    )
    os.close(kept_open)
    os.read(ended, 1)
    os.close(ended)
    assert (done.returncode, done.stderr) == (1, b"")
    assert RULE.encode() in done.stdout
    assert not sprung.exists()
    assert any(folder.glob("*.db")), "the rules were not compiled for the next time"


def test_without_a_cache_the_same_is_found(repo, staged, token, tmp_path):
    """Where no compiled rules can be kept, the scan goes another way to the same result."""
    repo.add("ci.py", f"x = 1\nkey = '{token(RULE)}'\n")
    place = tmp_path / "file"
    place.write_text("not a folder")
    assert stopped(staged(SECRETSCAN_CACHE_DIR=str(place)), ("ci.py", 2))


def test_subdirectory_as_working_folder(repo, staged, token, monkeypatch):
    """The whole change is scanned from anywhere; paths are the repository's."""
    repo.add("top.py", f"key = '{token(RULE)}'\n")
    repo.add("sub/deep.py", f"key = '{token(RULE)}'\n")
    monkeypatch.chdir(repo.path / "sub")
    repo.git("config", "diff.relative", "true")
    assert stopped(staged(), ("sub/deep.py", 1), ("top.py", 1))


def test_linked_worktree(repo, staged, token, monkeypatch):
    """A worktree has an index of its own."""
    repo.save("a.py", "x = 1\n")
    repo.git("worktree", "add", "-q", "../linked")
    linked = repo.path.parent / "linked"
    (linked / "ci.py").write_text(f"key = '{token(RULE)}'\n")
    repo.git("-C", str(linked), "add", "ci.py")
    assert silent(staged())
    monkeypatch.chdir(linked)
    assert stopped(staged(), ("ci.py", 1))


def test_sha256_repository(new_repo, staged, token, monkeypatch):
    """Longer ids change nothing."""
    made = new_repo("long", "--object-format=sha256")
    monkeypatch.chdir(made.path)
    made.save("old.py", f"key = '{token(RULE)}'\n")
    made.add("ci.py", f"key = '{token(RULE)}'\n")
    result = staged()
    assert stopped(result, ("ci.py", 1))
    assert len(result.findings[0]["blob"]) == 64


def test_file_name(repo, staged, token):
    """A new path that holds a token is reported; its content has none."""
    repo.add(f"logs/{token(RULE)}.log", "ok\n")
    result = staged()
    assert (result.code, len(result.findings)) == (1, 1)
    assert result.findings[0]["rule_id"] == RULE


def test_file_name_of_an_empty_file(repo, staged, token):
    """The name counts even where there is no content."""
    repo.add(token(RULE), "")
    assert staged().code == 1


def test_symlink_target(repo, staged, token):
    """A symbolic link is the path it holds."""
    os.symlink(f"../{token(RULE)}/x", repo.path / "link")
    repo.git("add", "link")
    assert stopped(staged(), ("link", 1))


WRAPPINGS = {
    "Base64": lambda text: base64.b64encode(text.encode()).decode(),
    "Base64 in lines": lambda text: base64.encodebytes((text + " and so on " * 9).encode()).decode().rstrip("\n"),
    "URL-safe Base64": lambda text: base64.urlsafe_b64encode(b"\xff\xfe\xfd" + text.encode()).decode(),
    "Base64 in Base64": lambda text: base64.b64encode(base64.b64encode(text.encode())).decode(),
    "Base64 of UTF-16": lambda text: base64.b64encode(text.encode("utf-16-le")).decode(),
    "percent signs": lambda text: quote(text, safe="").replace("_", "%5F"),
    "percent signs in Base64": lambda text: base64.b64encode(
        quote(text, safe="").replace("_", "%5f").encode()
    ).decode(),
}


@pytest.mark.parametrize("wrap", WRAPPINGS.values(), ids=WRAPPINGS.keys())
def test_wrapped(repo, staged, token, wrap):
    """A secret inside another encoding is found, and told at the line of what wraps it."""
    repo.add("ci.yml", f"a: b\ndata: {wrap('key=' + token(RULE) + ';')}\n")
    result = staged()
    assert (result.code, len(result.findings)) == (1, 1)
    assert (result.findings[0]["rule_id"], result.findings[0]["path"]) == (RULE, "ci.yml")
    assert result.findings[0]["line"] >= 2


def test_crlf(repo, staged, token):
    """Lines that end in CRLF."""
    repo.add("ci.py", f"x = 1\r\nkey = '{token(RULE)}'\r\ny = 2\r\n")
    assert stopped(staged(), ("ci.py", 2))


def test_no_line_end_at_the_end(repo, staged, token):
    """The last line counts without a line end."""
    repo.add("ci.txt", f"x\n{token(RULE)}")
    assert stopped(staged(), ("ci.txt", 2))


def test_partial_staging(repo, staged, token):
    """Of two hunks with a secret each, the staged one is reported, at its place in the index."""
    lines = [f"line {number}\n" for number in range(30)]
    repo.save("ci.py", "".join(lines))
    index = [*lines[:25], f"key = '{token(RULE)}'\n", *lines[25:]]
    repo.add("ci.py", "".join(index))
    repo.write("ci.py", "".join([f"other = '{token(RULE)}'\n", *index]))
    assert stopped(staged(), ("ci.py", 26))


def test_key_of_which_only_the_last_lines_are_added(repo, staged, key_block):
    """A key that becomes whole by the change is found, although most of it was there before."""
    head = ["GITHUB_APP_ID=123456", *key_block[:-2]]
    repo.save("app.env", "\n".join(head) + "\n")
    repo.add("app.env", "\n".join([*head, *key_block[-2:]]) + "\n")
    result = staged()
    assert result.code == 1
    found = result.findings[0]
    assert (found["line"], found["end_line"]) == (2, len(key_block) + 1)


def test_key_that_was_whole_before(repo, staged, key_block):
    """An edit beside a key is no news."""
    text = "\n".join(["GITHUB_APP_ID=123456", *key_block]) + "\n"
    repo.save("app.env", text)
    repo.add("app.env", text + "MODE=fast\n")
    assert silent(staged())


def test_replaced_object(repo, staged, token):
    """A `git replace` shows a clean file in place of the leak; what would be pushed is the leak."""
    repo.save("a.py", "x = 1\n")
    repo.add("ci.py", f"key = '{token(RULE)}'\n")
    repo.git("replace", repo.git("rev-parse", ":ci.py"), repo.git("rev-parse", ":a.py"))
    assert stopped(staged(), ("ci.py", 1))


def test_content_of_a_merge_commit(repo, staged, token):
    """What is added while a merge is finished is neither side's."""
    conflict(repo)
    repo.add("a.py", f"key = '{token(RULE)}'\n")
    assert stopped(staged(), ("a.py", 1))


def test_unresolved_conflict(repo, staged):
    """What is not merged cannot be scanned, and is listed."""
    conflict(repo)
    result = staged()
    assert "conflict" in result.skipped["a.py"]
    assert staged("--require-complete").code == 3


def test_secret_that_the_merged_branch_has_already(repo, staged, token):
    """Finishing a merge does not bring in what another commit brought before."""
    repo.save("a.py", "base\n")
    value = token(RULE)
    repo.git("checkout", "-q", "-b", "side")
    repo.save("old file.py", f"key = '{value}'\n")
    repo.save("a.py", "side\n")
    repo.git("checkout", "-q", "main")
    repo.save("a.py", "main\n")
    repo.git("merge", "-q", "side", check=False)
    repo.add("a.py", "both\n")
    assert silent(staged())
    repo.add("a.py", f"both\nkey = '{value}'\n")
    assert stopped(staged(), ("a.py", 2))


def conflict(repo):
    """Leaves a merge with a conflict in a.py."""
    repo.save("a.py", "base\n")
    repo.git("checkout", "-q", "-b", "side")
    repo.save("a.py", "side\n")
    repo.git("checkout", "-q", "main")
    repo.save("a.py", "main\n")
    assert "CONFLICT" in repo.git("merge", "side", check=False)


COMMITS = {
    "git commit": ("-m", "change"),
    "git commit -a": ("-a", "-m", "change"),
    "git commit FILE": ("-m", "change", "ci.py"),
    "git commit --include FILE": ("-m", "change", "--include", "ci.py"),
    "git commit --amend": ("--amend", "--no-edit", "-a"),
}


@pytest.mark.parametrize("options", COMMITS.values(), ids=COMMITS.keys())
@pytest.mark.parametrize("folder", [".", "sub"], ids=["at the top", "in a subdirectory"])
def test_through_a_hook(repo, token, options, folder):
    """The hook that git runs sees the index that git is about to commit, and stops the commit."""
    repo.save("sub/a.py", "x = 1\n")
    before = repo.save("ci.py", "x = 1\n")
    repo.hook("pre-commit", "staged")
    repo.write("ci.py", f"key = '{token(RULE)}'\n")
    if "-a" not in options and "ci.py" not in options:
        repo.git("add", "ci.py")
    given = [("../" * (folder != ".") + part) if part == "ci.py" else part for part in options]
    printed = repo.git("-C", folder, "commit", *given, check=False)
    assert RULE in printed
    assert repo.git("rev-parse", "HEAD") == before


def test_through_a_hook_only_what_is_committed_counts(repo, token):
    """`git commit FILE` leaves out what else is staged, and so does the scan."""
    repo.save("a.py", "x = 1\n")
    repo.save("ci.py", "x = 1\n")
    repo.hook("pre-commit", "staged")
    repo.add("ci.py", f"key = '{token(RULE)}'\n")
    repo.write("a.py", "x = 2\n")
    repo.git("commit", "-q", "-m", "change", "a.py")
    assert RULE in repo.git("commit", "-m", "change", check=False)


def test_clean_commit_through_a_hook(repo):
    """A clean commit goes through, the first one of a repository too."""
    repo.hook("pre-commit", "staged")
    repo.add("a.py", "x = 1\n")
    repo.git("commit", "-q", "-m", "first")
    assert repo.git("rev-list", "--count", "HEAD") == "1"


def test_unstaged_hunk(repo, staged, token):
    """What is not staged does not stop a commit."""
    repo.save("ci.py", "x = 1\n")
    repo.write("ci.py", f"x = 1\nkey = '{token(RULE)}'\n")
    repo.write("untracked.py", f"key = '{token(RULE)}'\n")
    repo.add("a.py", "y = 1\n")
    assert silent(staged())


def test_intent_to_add(repo, staged, token):
    """`git add --intent-to-add` stages no content."""
    repo.save("a.py", "y = 1\n")
    repo.write("ci.py", f"key = '{token(RULE)}'\n")
    repo.git("add", "--intent-to-add", "ci.py")
    assert silent(staged())


OLD = "a = 1\nkey = '{}'\nb = 2\n"
EDITS = {
    "edit on the neighbouring line": "a = 3\nkey = '{}'\nb = 2\n",
    "edit on the same line, behind": "a = 1\nkey = '{}'  # from the vault\nb = 2\n",
    "edit on the same line, before": "a = 1\nsecret_key = '{}'\nb = 2\n",
    "moved within the file": "key = '{}'\na = 1\nb = 2\n",
    "lines added above": "# one\n# two\na = 1\nkey = '{}'\nb = 2\n",
    "other indentation": "a = 1\n    key = '{}'\nb = 2\n",
    "LF to CRLF": "a = 1\r\nkey = '{}'\r\nb = 2\r\n",
    "line end at the end removed": "a = 1\nkey = '{}'\nb = 2",
    "secret removed": "a = 1\nkey = environ['KEY']\nb = 2\n",
    "file emptied": "",
}


@pytest.mark.parametrize("text", EDITS.values(), ids=EDITS.keys())
def test_beside_an_old_secret(repo, staged, token, text):
    """An old secret is not reported again because something around it changed."""
    value = token(RULE)
    repo.save("ci.py", OLD.format(value))
    repo.add("ci.py", text.format(value))
    assert silent(staged())


def test_crlf_to_lf(repo, staged, token):
    """A conversion of line ends is no news."""
    text = OLD.format(token(RULE))
    repo.save("ci.py", text.replace("\n", "\r\n"))
    repo.add("ci.py", text)
    assert silent(staged())


def test_utf_16_to_utf_8(repo, staged, token):
    """Neither is a conversion of the encoding."""
    text = OLD.format(token(RULE))
    repo.save("ci.ps1", text.encode("utf-16"))
    repo.add("ci.ps1", text)
    assert silent(staged())


def test_pure_rename(repo, staged, token):
    """The file has another name, the secret is the same."""
    repo.save("old.py", OLD.format(token(RULE)))
    repo.git("mv", "old.py", "new.py")
    assert silent(staged())


def test_rename_with_an_edit(repo, staged, token):
    """Other lines of a renamed file changed."""
    value = token(RULE)
    repo.save("old.py", OLD.format(value))
    repo.git("mv", "old.py", "new.py")
    repo.add("new.py", OLD.format(value) + "c = 3\nd = 4\ne = 5\nf = 6\n")
    assert silent(staged())


def test_rename_of_a_file_whose_name_is_the_secret(repo, staged, token):
    """The name's secret was there before, in another folder."""
    value = token(RULE)
    repo.save(f"{value}.log", "ok\n")
    repo.git("mv", f"{value}.log", "logs.log")
    repo.git("mv", "logs.log", f"old-{value}.log")
    assert silent(staged())


def test_moved_to_another_file(repo, staged, token):
    """A line that left one file for another is no news."""
    value = token(RULE)
    repo.save("one.py", OLD.format(value))
    repo.save("two.py", "x = 1\n")
    repo.add("one.py", "a = 1\nb = 2\n")
    repo.add("two.py", f"x = 1\nkey = '{value}'\n")
    assert silent(staged())


def test_deleted_file(repo, staged, token):
    """A secret that goes is no news."""
    repo.save("ci.py", OLD.format(token(RULE)))
    repo.git("rm", "-q", "ci.py")
    assert silent(staged())


def test_mode_change(repo, staged, token):
    """An executable bit is no news."""
    repo.save("ci.py", OLD.format(token(RULE)))
    repo.git("update-index", "--chmod=+x", "ci.py")
    assert silent(staged())


def test_symlink_becomes_a_file(repo, staged, token):
    """A change of type is scanned like any other."""
    os.symlink("elsewhere", repo.path / "ci.py")
    repo.git("add", "ci.py")
    repo.commit()
    (repo.path / "ci.py").unlink()
    repo.add("ci.py", f"key = '{token(RULE)}'\n")
    assert stopped(staged(), ("ci.py", 1))


def test_submodule(repo, staged, new_repo, token):
    """A submodule's commit is no content of ours; what else is staged is scanned."""
    other = new_repo("other")
    other.save("ci.py", f"key = '{token(RULE)}'\n")
    repo.save("a.py", "x = 1\n")
    repo.git("submodule", "--quiet", "add", str(other.path), "module")
    assert silent(staged())
    repo.commit()
    other.save("b.py", "y = 1\n")
    repo.git("-C", "module", "pull", "-q")
    repo.git("add", "module")
    assert silent(staged())
    repo.add("b.py", f"key = '{token(RULE)}'\n")
    assert stopped(staged(), ("b.py", 1))


def test_second_copy_in_the_same_file(repo, staged, token):
    """A copy of an old secret is new, and told at its own line."""
    value = token(RULE)
    repo.save("ci.py", OLD.format(value))
    repo.add("ci.py", f"copy = '{value}'\n" + OLD.format(value))
    assert stopped(staged(), ("ci.py", 1))


def test_second_copy_in_another_file(repo, staged, token):
    """It is told where it was added."""
    value = token(RULE)
    repo.save("b.py", OLD.format(value))
    repo.add("a.py", f"copy = '{value}'\n")
    repo.add("b.py", OLD.format(value) + "c = 3\n")
    assert stopped(staged(), ("a.py", 1))


def test_second_copy_of_an_allowed_secret(repo, staged, token):
    """A comment allows the secret on its line, not a copy elsewhere."""
    value = token(RULE)
    old = f"key = '{value}'  # secretscan:ignore {RULE} revoked in May\n"
    repo.save("ci.py", old)
    repo.add("ci.py", old + f"copy = '{value}'\n")
    assert stopped(staged(), ("ci.py", 2))


def test_another_secret_in_place_of_an_old_one(repo, staged, token):
    """A new value at an old place is new."""
    repo.save("ci.py", OLD.format(token(RULE)))
    repo.add("ci.py", OLD.format(token(RULE)))
    assert stopped(staged(), ("ci.py", 2))


def test_several_secrets_in_several_files(repo, staged, token):
    """All are reported, in the order of paths and lines."""
    repo.add("b.py", f"key = '{token(RULE)}'\nother = '{token(OTHER)}'\n")
    repo.add("a.py", f"x = '{token(RULE)}', '{token(RULE)}'\n")
    result = staged()
    assert result.places == [("a.py", 1), ("a.py", 1), ("b.py", 1), ("b.py", 2)]
    assert [finding["rule_id"] for finding in result.findings] == [RULE, RULE, RULE, OTHER]


def test_many_files(repo, staged, token):
    """More files than fit one question to git."""
    for number in range(600):
        repo.write(f"many/{number:03}.py", f"x = {number}\n")
    repo.write("many/777.py", f"key = '{token(RULE)}'\n")
    repo.git("add", "many")
    result = staged()
    assert stopped(result, ("many/777.py", 1))
    assert result.report["stats"]["files"] == 601


def test_names_that_git_would_quote(repo, staged, token):
    """Tabs, quotes, line breaks and dashes in paths."""
    names = ["a\tb.py", 'say "hi".py', "two\nlines.py", "-n", " space ", "back\\slash", ":colon", "*"]
    for name in names:
        repo.add(f"./{name}" if name == "-n" else name, f"key = '{token(RULE)}'\n")
    assert stopped(staged(), *((name, 1) for name in sorted(names)))


def test_files_that_a_hook_runner_names(repo, staged, token):
    """What is named and not staged is scanned as it lies in the tree; what is staged, as it is staged."""
    value = token(RULE)
    repo.save("old.py", OLD.format(value))
    repo.add("a.py", "x = 1\n")
    repo.write("a.py", f"key = '{token(RULE)}'\n")
    result = staged("a.py", "old.py")
    assert stopped(result, ("old.py", 2))
    assert result.findings[0]["exposure"] == "working-tree"


def zipped(members, *, compressed=True):
    """A zip archive with these files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_zip_files(repo, secretscan, token, depth):
    """A secret in an archive, also one inside others, is found at its place in there."""
    secret = token(RULE)
    content = zipped({"conf/app.env": f"\nCIRCLE_TOKEN={secret}\n"})
    for _ in range(depth - 1):
        content = zipped({"inner.zip": content})
    repo.write("app.jar", content)
    repo.git("add", "app.jar")
    found = secretscan("staged", "--format", "json")
    assert found.code == 1
    assert [(f["path"], f["line"]) for f in found.findings] == [
        ("!/".join(["app.jar", *["inner.zip"] * (depth - 1), "conf/app.env"]), 2)
    ]
    assert secret not in found.out


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"PK\x03\x04" + bytes(200), zipped({"a": b"x" * 999})[:-30]])
def test_a_damaged_archive_is_listed(repo, secretscan, content):
    """What looks like an archive and cannot be opened is no silent pass."""
    repo.write("app.zip", content)
    repo.git("add", "app.zip")
    found = secretscan("staged", "--format", "json")
    assert (found.code, [*found.skipped]) == (0, ["app.zip"])
