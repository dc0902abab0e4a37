"""`secretscan history`: every blob, message and name is read once; each secret is told once, with its first commit."""

import os
import subprocess

import pytest

RULE = "circleci-personal-api-token"
OTHER = "github-personal-access-token"


@pytest.fixture
def history(secretscan):
    """Scans the history of the current folder's repository; the result with its report as JSON."""
    return lambda *args, **env: secretscan("history", "--format", "json", *args, **env)


def only(result):
    """The one finding, of RULE, of a scan that stops for no other reason."""
    assert (result.code, result.err) == (1, ""), result
    assert [finding["rule_id"] for finding in result.findings] == [RULE]
    return result.findings[0]


def silent(result):
    """Whether nothing was found and nothing skipped."""
    assert (result.code, result.err) == (0, ""), result
    return result.findings == [] and result.skipped == {}


def test_clean_history(repo, history):
    """Every blob is read once, equal ones of several commits too."""
    repo.save("a.py", "x = 1\n")
    repo.save("b.py", "x = 1\n")
    repo.save("a.py", "x = 2\n")
    result = history()
    assert silent(result)
    assert result.report["stats"]["blobs"] == 2


def test_secret_with_its_first_commit(repo, history, token):
    """Told once, at the first path and line, with author, date, the number of occurrences and where it still lives."""
    value = token(RULE)
    repo.save("a.py", "x = 1\n")
    who = {
        "GIT_AUTHOR_NAME": "Zoë",
        "GIT_AUTHOR_EMAIL": "zoe@example.org",
        "GIT_AUTHOR_DATE": "2024-05-06T07:08:09+02:00",
    }
    commit = repo.save("ci.py", f"x = 1\nkey = '{value}'\n", **who)
    repo.git("mv", "ci.py", "moved.py")
    repo.commit()
    repo.git("branch", "old")
    repo.save("moved.py", f"x = 1\ny = 2\nkey = '{value}'\n")
    repo.save("moved.py", "clean\n")
    found = only(history())
    assert (found["path"], found["line"], found["column"]) == ("ci.py", 2, 8)
    assert (found["commit"], found["author"], found["email"]) == (commit, "Zoë", "zoe@example.org")
    assert (found["date"], found["occurrences"]) == ("2024-05-06T07:08:09+02:00", 2)
    assert (found["refs"], found["exposure"]) == (["refs/heads/old"], "committed")
    assert len(found["blob"]) == 40


def test_pushed_and_not_pushed(repo, new_repo, history, token):
    """What a remote-tracking branch has is told as pushed."""
    made = new_repo("remote.git", "--bare")
    repo.git("remote", "add", "origin", str(made.path))
    repo.save("a.py", f"key = '{token(RULE)}'\n")
    repo.git("push", "-q", "origin", "main")
    repo.save("b.py", f"key = '{token(RULE)}'\n")
    assert [finding["exposure"] for finding in history().findings] == ["pushed", "committed"]


def test_content_that_only_a_merge_has(repo, history, token):
    """What a merge adds by itself, and its own commit."""
    conflict(repo)
    commit = repo.save("a.py", f"both\nkey = '{token(RULE)}'\n")
    repo.save("a.py", "clean\n")
    found = only(history())
    assert (found["commit"], found["path"], found["line"]) == (commit, "a.py", 2)


def conflict(repo):
    """Leaves a merge with a conflict in a.py."""
    repo.save("a.py", "base\n")
    repo.git("checkout", "-q", "-b", "side")
    repo.save("a.py", "side\n")
    repo.git("checkout", "-q", "main")
    repo.save("a.py", "main\n")
    repo.git("merge", "-q", "side", check=False)


@pytest.mark.parametrize(
    "setting",
    [
        ("log.showRoot", "false"),
        ("log.diffMerges", "off"),
        ("log.follow", "true"),
        ("log.decorate", "full"),
        ("log.mailmap", "true"),
        ("log.date", "relative"),
        ("log.abbrevCommit", "true"),
        ("log.excludeDecoration", "refs/*"),
        ("format.pretty", "oneline"),
        ("color.ui", "always"),
        ("diff.renames", "copies"),
        ("diff.relative", "true"),
        ("diff.orderFile", "gone.txt"),
        ("diff.external", "false"),
        ("i18n.logOutputEncoding", "utf-16"),
        ("core.quotePath", "true"),
        ("transfer.hideRefs", "refs/heads"),
        ("fetch.recurseSubmodules", "true"),
    ],
    ids="=".join,
)
def test_setting(repo, history, token, setting, monkeypatch):
    """The root commit is scanned, whatever the configuration says about logs and diffs."""
    commit = repo.save("sub/ci.py", f"key = '{token(RULE)}'\n")
    repo.save("sub/ci.py", "clean\n")
    repo.git("config", *setting)
    monkeypatch.chdir(repo.path / "sub")
    found = only(history())
    assert (found["commit"], found["path"], found["author"]) == (commit, "sub/ci.py", "Ada")


def test_what_the_configuration_names_is_never_executed(repo, history, token):
    """No external diff, textconv, signature program, fsmonitor or pager is started."""
    sprung = repo.path.parent / "sprung"
    trap = repo.write("../trap", f"#!/bin/sh\ntouch '{sprung}'\n")
    trap.chmod(0o755)
    repo.save(".gitattributes", "*.py diff=trap\n")
    repo.save("ci.py", f"key = '{token(RULE)}'\n")
    signed = b"gpgsig -----BEGIN PGP SIGNATURE-----\n \n -----END PGP SIGNATURE-----\n\n"
    plain = repo.run("cat-file", "commit", "HEAD").stdout
    commit = repo.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=plain.replace(b"\n\n", b"\n" + signed, 1))
    repo.git("update-ref", "refs/heads/main", commit)
    for name in ("diff.external", "diff.trap.textconv", "gpg.program", "core.fsmonitor", "core.alternateRefsCommand"):
        repo.git("config", name, str(trap))
    repo.git("config", "log.showSignature", "true")
    only(history())
    only(history("--all-objects"))
    only(history("--range", "HEAD"))
    assert not sprung.exists()


def test_stash(repo, history, token):
    """What is stashed is on a ref."""
    repo.save("a.py", "x = 1\n")
    repo.write("a.py", f"key = '{token(RULE)}'\n")
    repo.git("stash", "-q")
    assert only(history())["path"] == "a.py"


def test_untracked_file_in_a_stash(repo, history, token):
    """Also what was not even tracked."""
    repo.save("a.py", "x = 1\n")
    repo.write("ci.py", f"key = '{token(RULE)}'\n")
    repo.git("stash", "-q", "--include-untracked")
    assert only(history())["path"] == "ci.py"


def second_stash(repo, text):
    """A stash below another one is in the reflog only."""
    repo.write("a.py", text)
    repo.git("stash", "-q")
    repo.write("a.py", "x = 3\n")
    repo.git("stash", "-q")


def dropped_stash(repo, text):
    """A stash that nothing leads to."""
    repo.write("a.py", text)
    repo.git("stash", "-q")
    repo.git("stash", "drop", "-q")


def reflog(repo, text):
    """A commit that was undone."""
    repo.save("a.py", text)
    repo.git("reset", "-q", "--hard", "HEAD^")


def unreachable_commit(repo, text):
    """A commit that not even the reflog has."""
    reflog(repo, text)
    repo.git("reflog", "expire", "--expire=all", "--all")


def dangling_blob(repo, text):
    """What was staged and then left."""
    repo.add("a.py", text)
    repo.git("reset", "-q", "--hard")


LOST = {
    f.__name__.replace("_", " "): f for f in (second_stash, dropped_stash, reflog, unreachable_commit, dangling_blob)
}


@pytest.mark.parametrize("lose", LOST.values(), ids=LOST.keys())
def test_what_no_ref_reaches(repo, history, token, lose):
    """Not told by default, told with --all-objects."""
    repo.save("a.py", "x = 1\n")
    lose(repo, f"key = '{token(RULE)}'\n")
    assert silent(history())
    found = only(history("--all-objects"))
    assert found["line"] == 1
    if lose is not dangling_blob:
        assert (found["path"], len(found["commit"])) == ("a.py", 40)
    if lose in (unreachable_commit, dangling_blob):
        assert found["exposure"] == "unreachable"


def test_message_of_an_unreachable_commit(repo, history, token):
    """Messages of lost commits are told with --all-objects too."""
    repo.save("a.py", "x = 1\n")
    repo.commit(f"key {token(RULE)}")
    repo.git("reset", "-q", "--hard", "HEAD^")
    repo.git("reflog", "expire", "--expire=all", "--all")
    assert silent(history())
    assert only(history("--all-objects"))["exposure"] == "unreachable"


def test_message_of_an_unreachable_tag(repo, history, token):
    """And messages of deleted tags."""
    repo.save("a.py", "x = 1\n")
    repo.git("tag", "-a", "-m", f"key {token(RULE)}", "v1")
    repo.git("tag", "-d", "v1")
    assert silent(history())
    assert only(history("--all-objects"))["exposure"] == "unreachable"


def test_commit_message(repo, history, token):
    """Told with its commit."""
    commit = repo.commit(f"subject\n\nbody\nkey = {token(RULE)}\n")
    repo.commit("nothing")
    found = only(history())
    assert (found["commit"], found["line"], found["author"]) == (commit, 4, "Ada")
    assert found["exposure"] == "committed"


def test_same_secret_in_two_commit_messages(repo, history, token):
    """One secret is told once, with the first of its commits."""
    value = token(RULE)
    commit = repo.commit(f"use {value}\n")
    repo.commit(f"still use {value}\n")
    found = only(history())
    assert (found["commit"], found["occurrences"]) == (commit, 2)


def test_same_secret_in_content_and_message(repo, history, token):
    """It is told at the content, which is where it has to be replaced."""
    value = token(RULE)
    repo.save("ci.py", f"key = '{value}'\n", f"add {value}\n")
    found = only(history())
    assert (found["path"], found["occurrences"]) == ("ci.py", 2)


def test_message_of_an_annotated_tag(repo, history, token):
    """Also of a tag of a tag."""
    repo.save("a.py", "x = 1\n")
    repo.git("tag", "-a", "-m", f"key {token(RULE)}", "v1")
    repo.git("tag", "-a", "-m", "nothing", "v2", "v1")
    repo.git("tag", "-d", "v1")
    assert "refs/tags/v2" in only(history())["path"]


@pytest.mark.parametrize("kind", ["branch", "tag"])
def test_name_of_a(repo, history, token, kind):
    """Names of refs are read, and the secret in them is not shown."""
    repo.save("a.py", "x = 1\n")
    value = token(RULE)
    repo.git(kind, f"key/{value}")
    result = history()
    assert only(result)["path"].startswith("refs/")
    assert value not in result.out


def test_file_name(repo, history, token):
    """A path that any commit ever had."""
    repo.save(f"logs/{token(RULE)}.log", "ok\n")
    repo.git("rm", "-q", "-r", "logs")
    repo.commit()
    assert only(history())["path"].startswith("logs/")


def test_file_name_that_an_exclusion_covers(repo, history, token):
    """Every kind of finding heeds `exclude`; what is left out is listed."""
    repo.save("fixtures/a.py", f"key = '{token(RULE)}'\n")
    repo.save("b.py", "x = 1\n")
    repo.save(".secretscan.toml", 'exclude = ["fixtures/"]\n')
    result = history()
    assert (result.code, result.findings) == (0, [])
    assert result.skipped["fixtures/a.py"] == "excluded by .secretscan.toml"


def test_secret_in_an_excluded_and_another_file(repo, history, token):
    """The file that is not excluded counts."""
    value = token(RULE)
    repo.save(".secretscan.toml", 'exclude = ["fixtures/"]\n')
    repo.save("fixtures/a.py", f"key = '{value}'\n")
    repo.save("b.py", f"x = 1\nkey = '{value}'\n")
    assert only(history())["path"] == "b.py"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_encoding(repo, history, token, encoding):
    """Text in any Unicode encoding is read."""
    repo.save("ci.ps1", f"# build\r\n$key = '{token(RULE)}'\r\n".encode(encoding))
    assert only(history())["line"] == 2


def test_symlink_target(repo, history, token):
    """A symbolic link is the path it holds."""
    os.symlink(token(RULE), repo.path / "link")
    repo.git("add", "link")
    repo.commit()
    assert only(history())["path"] == "link"


def test_detached_head(repo, history, token):
    """What only HEAD leads to is history too."""
    repo.save("a.py", "x = 1\n")
    repo.git("checkout", "-q", "--detach")
    repo.save("ci.py", f"key = '{token(RULE)}'\n")
    only(history())


def test_sha256_repository(new_repo, history, token, monkeypatch):
    """Longer ids change nothing."""
    made = new_repo("long", "--object-format=sha256")
    monkeypatch.chdir(made.path)
    commit = made.save("ci.py", f"key = '{token(RULE)}'\n")
    made.save("ci.py", "clean\n")
    found = only(history())
    assert (found["commit"], len(found["commit"])) == (commit, 64)


def test_replaced_objects(repo, history, token):
    """A `git replace` hides nothing."""
    clean = repo.save("ci.py", "clean\n")
    leak = repo.save("ci.py", f"key = '{token(RULE)}'\n")
    repo.git("replace", leak, clean)
    assert only(history())["commit"] == leak


def test_grafts(repo, history, token):
    """Neither do grafts."""
    repo.save("a.py", "x = 1\n")
    leak = repo.save("ci.py", f"key = '{token(RULE)}'\n")
    last = repo.save("ci.py", "clean\n")
    repo.write(".git/info/grafts", f"{last}\n")
    assert only(history())["commit"] == leak


DAMAGES = {
    "missing": lambda _: None,
    "empty": lambda _: b"",
    "garbage": lambda _: b"garbage",
    "cut off": lambda content: content[: len(content) // 2],
}


def damaged(path, damage):
    """Does damage to an object's file."""
    content = damage(path.read_bytes())
    path.unlink()
    if content is not None:
        path.write_bytes(content)


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
@pytest.mark.parametrize("kind", ["blob", "tree", "commit"])
def test_goes_on_past_a_damaged_object(repo, history, token, damage, kind):
    """What is before, behind and beside a damaged object is told, with --all-objects too; the object is listed."""
    before = repo.save("before.py", f"key = '{token(RULE)}'\n")
    repo.save("sub/broken.py", "gone = 1\n" * 500)
    name = repo.git("rev-parse", {"blob": "HEAD:sub/broken.py", "tree": "HEAD:sub", "commit": "HEAD"}[kind])
    repo.save("sub/broken.py", "here = 1\n")
    behind = repo.save("behind.py", f"key = '{token(RULE)}'\n")
    repo.git("reflog", "expire", "--expire=all", "--all")
    damaged(repo.loose(name), damage)
    for options in ((), ("--all-objects",)):
        result = history(*options)
        assert (result.code, result.err) == (1, "")
        told = {(found["path"], found["commit"]) for found in result.findings}
        assert told == {("behind.py", behind), ("before.py", before)}
        assert any(name in f"{one['object']} {one['reason']}" for one in result.report["skipped"])


def test_clean_but_for_a_missing_object(repo, history):
    """The exit code is 0, and 3 where completeness is asked for."""
    repo.save("a.py", "x = 1\n")
    repo.save("b.py", "y = 1\n")
    repo.loose(repo.git("rev-parse", "HEAD:a.py")).unlink()
    assert history().code == 0
    assert "missing" in history().skipped["a.py"]
    assert history("--require-complete").code == 3


def test_ref_to_a_missing_object(repo, history, token):
    """A ref that leads nowhere does not stop the scan."""
    repo.save("a.py", f"key = '{token(RULE)}'\n")
    repo.write(".git/refs/heads/broken", "1234567890" * 4 + "\n")
    result = history()
    assert (result.code, [finding["path"] for finding in result.findings]) == (1, ["a.py"])
    assert any("broken" in f"{one['path']} {one['reason']}" for one in result.report["skipped"])


@pytest.mark.parametrize("target", ["HEAD:ci.py", "HEAD^{tree}"], ids=["a blob", "a tree"])
def test_tag_that_points_to(repo, history, token, target):
    """A tag need not lead to a commit."""
    repo.save("a.py", "x = 1\n")
    repo.save("ci.py", f"key = '{token(RULE)}'\n")
    repo.git("tag", "-a", "-m", "odd", "odd", target)
    repo.git("reset", "-q", "--hard", "HEAD^")
    only(history())


def test_tag_that_points_to_a_blob_of_a_commit(repo, history, token):
    """The secret is told once, with the commit."""
    commit = repo.save("ci.py", f"key = '{token(RULE)}'\n")
    repo.git("tag", "odd", "HEAD:ci.py")
    found = only(history())
    assert (found["path"], found["commit"]) == ("ci.py", commit)


@pytest.mark.parametrize("options", [(), ("--all-objects",)], ids=["reachable", "all objects"])
def test_packed_and_loose(repo, history, token, options):
    """How objects are stored does not matter."""
    repo.save("a.py", f"key = '{token(RULE)}'\n" + "x = 1\n" * 200)
    repo.save("a.py", "y = 2\n" + "x = 1\n" * 200)
    repo.save("b.py", f"key = '{token(OTHER)}'\n")
    loose = told(history(*options))
    repo.git("repack", "-adq")
    repo.git("prune-packed")
    assert repo.git("count-objects") == "0 objects, 0 kilobytes"
    assert told(history(*options)) == loose
    assert len(loose["findings"]) == 2


def told(result):
    """The report but for the seconds."""
    report = result.report
    report["stats"].pop("seconds")
    return report


def test_shallow_clone(repo, new_repo, history, token, monkeypatch):
    """What is there is scanned; that the rest is not here is said."""
    repo.save("a.py", f"key = '{token(RULE)}'\n")
    repo.save("b.py", "x = 1\n")
    repo.save("c.py", "x = 1\n")
    made = new_repo("shallow", "--depth=2", clone=f"file://{repo.path}")
    monkeypatch.chdir(made.path)
    result = history()
    assert only_path(result) == "a.py"
    assert any("shallow" in reason for reason in result.skipped.values())
    assert history("--require-complete").code == 1


def only_path(result):
    """The path of the one finding."""
    assert (result.code, result.err) == (1, "")
    assert len(result.findings) == 1
    return result.findings[0]["path"]


def test_partial_clone(repo, new_repo, history, token, monkeypatch):
    """Nothing is fetched; what is not here is listed."""
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.save("a.py", f"key = '{token(RULE)}'\n")
    repo.save("a.py", "clean\n")
    made = new_repo("partial", "--filter=blob:none", clone=f"file://{repo.path}")
    monkeypatch.chdir(made.path)
    result = history()
    assert (result.code, result.err, result.findings) == (0, "", [])
    assert "missing" in result.skipped["a.py"]


def test_bare_repository(repo, new_repo, history, token, monkeypatch):
    """Its settings are those of HEAD."""
    commit = repo.save("a.py", f"key = '{token(RULE)}'\n")
    repo.save(".secretscan.toml", 'min_confidence = "high"\n')
    made = new_repo("bare.git", "--bare", clone=str(repo.path))
    monkeypatch.chdir(made.path)
    assert only(history())["commit"] == commit
    repo.save(".secretscan.toml", f'disable = ["{RULE}"]\n')
    made.git("fetch", "-q", "origin", "main:main")
    assert silent(history())


def test_linked_worktree(repo, history, token, monkeypatch):
    """All of the repository, from any of its worktrees; also what only another one's HEAD leads to."""
    repo.save("a.py", "x = 1\n")
    repo.git("worktree", "add", "-q", "--detach", "../linked")
    repo.save("ci.py", f"key = '{token(RULE)}'\n")
    linked = repo.path.parent / "linked"
    monkeypatch.chdir(linked)
    only(history())
    repo.git("-C", str(linked), "commit", "-q", "--allow-empty", "-m", f"key {token(RULE)}")
    monkeypatch.chdir(repo.path)
    assert len(history().findings) == 2


@pytest.fixture
def three(repo, token):
    """Commits of three years, with a secret in each of the last two."""
    days = [f"{year}-06-01T12:00:00Z" for year in (2020, 2021, 2022)]
    texts = ["x = 1\n", *(f"key = '{token(RULE)}'\n" for _ in range(2))]
    for day, text in zip(days, texts, strict=True):
        repo.save(f"{day[:4]}.py", text, GIT_AUTHOR_DATE=day, GIT_COMMITTER_DATE=day)


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("options", "paths"),
    [
        (("--range", "HEAD^..HEAD"), ["2022.py"]),
        (("--range", "HEAD~2..HEAD^"), ["2021.py"]),
        (("--range", "HEAD"), ["2021.py", "2022.py"]),
        (("--since", "2022-01-01"), ["2022.py"]),
        (("--since", "2021-01-01"), ["2021.py", "2022.py"]),
        (("--since", "2023-01-01"), []),
        (("--range", "HEAD", "--since", "2022-01-01"), ["2022.py"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_part_of_the_history(history, options, paths):
    """--range and --since narrow the scan to what these commits add."""
    result = history(*options)
    assert result.err == ""
    assert [finding["path"] for finding in result.findings] == paths
    assert all(finding["commit"] for finding in result.findings)


def test_many_blobs_and_commits(repo, history, token):
    """One process and several find the same, and every time the same, in a history that is dealt out in pieces."""
    stream = []
    for number in range(8400):
        content = f"n = {number}\n" + (f"key = '{token(RULE)}'\n" if number % 1000 == 7 else "")
        stream.append(
            f"commit refs/heads/main\ncommitter Ada <a@example.org> {1600000000 + number} +0000\ndata 0\n"
            f"M 100644 inline d{number % 7}/f{number % 50}.py\ndata {len(content)}\n{content}\n"
        )
    repo.git("fast-import", "--quiet", stdin="".join(stream).encode())
    one, two, again = (history("--jobs", jobs) for jobs in ("1", "2", "2"))
    assert told(one) == told(two) == told(again)
    assert one.report["stats"]["blobs"] == 8400
    assert len(one.findings) == len({found["commit"] for found in one.findings}) == 9


def test_order(repo, history, token):
    """By path, then line, whatever the order of commits."""
    for name in ("c.py", "a.py", "b.py"):
        repo.save(name, f"x = '{token(RULE)}'\nkey = '{token(OTHER)}'\n")
    result = history()
    places = [("a.py", 1), ("a.py", 2), ("b.py", 1), ("b.py", 2), ("c.py", 1), ("c.py", 2)]
    assert result.places == places
    assert told(result) == told(history())


def test_two_secrets_in_one_line(repo, history, token):
    """Both are told."""
    repo.save("a.py", f"a, b = '{token(RULE)}', '{token(RULE)}'\n")
    assert len(history().findings) == 2


def test_submodule_is_not_missing(repo, new_repo, history):
    """The commit of a submodule lies elsewhere; that is no damage."""
    other = new_repo("other")
    other.save("a.py", "x = 1\n")
    repo.git("submodule", "--quiet", "add", str(other.path), "module")
    repo.commit()
    assert silent(history())


def test_alternates(repo, new_repo, history, token, monkeypatch):
    """Objects that lie in another repository's folder are read."""
    repo.save("a.py", f"key = '{token(RULE)}'\n")
    made = new_repo("borrower", "--shared", clone=str(repo.path))
    monkeypatch.chdir(made.path)
    only(history())


def test_progress_is_not_shown_without_a_terminal(repo, history):
    """Logs stay clean."""
    repo.save("a.py", "x = 1\n")
    assert history().err == ""


def test_through_a_shell_pipe(repo, environment, token):
    """A reader that stops early does no harm: no traceback."""
    import sys

    repo.save("a.py", f"key = '{token(RULE)}'\n")
    command = f"{sys.executable} -P -m secretscan history | true"
    done = subprocess.run(command, shell=True, env=environment, capture_output=True, check=False)  # noqa: S602
    assert b"Traceback" not in done.stderr
