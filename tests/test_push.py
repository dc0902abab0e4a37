"""`secretscan push`: everything that is about to leave is found, what the remote has already is not reported."""

import os

import pytest

RULE = "circleci-personal-api-token"
NOTHING = "0" * 40


@pytest.fixture
def remote(repo, new_repo):
    """A bare repository that holds the first commit; `repo` knows it as origin."""
    made = new_repo("remote.git", "--bare")
    repo.save("a.py", "x = 1\n")
    repo.git("remote", "add", "origin", str(made.path))
    repo.git("push", "-q", "origin", "main")
    return made


@pytest.fixture
def push(repo, secretscan):
    """Tells the hook what is pushed to origin: (local ref, remote ref, remote id) for each; the result as JSON."""

    def run(*refs, remote=("origin", "url"), **env):
        lines = ""
        for local, target, old in refs:
            name = f"refs/heads/{target}" if "/" not in target else target
            new = repo.git("rev-parse", local) if local else NOTHING
            lines += f"{local or '(delete)'} {new} {name} {old}\n"
        return secretscan("push", "--format", "json", *remote, stdin=lines.encode("utf-8", "surrogateescape"), **env)

    return run


def found(result, *values):
    """Whether the push is stopped because of these paths with RULE."""
    assert result.err == ""
    assert [finding["path"] for finding in result.findings] == list(values)
    assert {finding["rule_id"] for finding in result.findings} == {RULE}
    return result.code == 1


def silent(result):
    """Whether the push goes through: nothing found, nothing skipped."""
    assert (result.code, result.err) == (0, ""), result
    return result.findings == [] and result.skipped == {}


@pytest.mark.usefixtures("remote")
def test_a_clean_push_passes(repo, push):
    """New commits without a secret go through."""
    base = repo.git("rev-parse", "HEAD")
    repo.save("b.py", "y = 1\n")
    result = push(("main", "main", base))
    assert silent(result)
    assert result.report["stats"]["files"] == 1


@pytest.mark.usefixtures("remote")
def test_new_commit(repo, push, token):
    """A secret is told with the commit that brings it, its author and its date."""
    base = repo.git("rev-parse", "HEAD")
    commit = repo.save("ci.py", f"x = 1\nkey = '{token(RULE)}'\n", GIT_AUTHOR_DATE="2024-05-06T07:08:09+02:00")
    result = push(("main", "main", base))
    assert found(result, "ci.py")
    told = result.findings[0]
    assert (told["line"], told["commit"], told["author"], told["email"]) == (2, commit, "Ada", "ada@example.org")
    assert (told["date"], told["exposure"]) == ("2024-05-06T07:08:09+02:00", "committed")


@pytest.mark.usefixtures("remote")
def test_secret_only_in_the_second_of_several_refs(repo, push, token):
    """All lines count, not only the first."""
    base = repo.git("rev-parse", "HEAD")
    repo.git("branch", "clean")
    repo.git("checkout", "-q", "-b", "leak")
    repo.save("ci.py", f"key = '{token(RULE)}'\n")
    assert found(push(("clean", "clean", NOTHING), ("leak", "leak", NOTHING), ("main", "main", base)), "ci.py")


@pytest.mark.usefixtures("remote")
def test_new_branch(repo, push, token):
    """A branch that the remote does not have: what is on no branch of the remote."""
    repo.git("checkout", "-q", "-b", "topic")
    repo.save("ci.py", f"key = '{token(RULE)}'\n")
    repo.save("ci.py", "clean\n")
    assert found(push(("topic", "topic", NOTHING)), "ci.py")


def test_first_push_to_an_empty_remote(repo, push, token):
    """Everything leaves, the root commit too."""
    repo.save("ci.py", f"key = '{token(RULE)}'\n")
    repo.save("ci.py", "clean\n")
    assert found(push(("main", "main", NOTHING), remote=("https://example.org/new.git", "url")), "ci.py")


@pytest.mark.usefixtures("remote")
def test_force_push(repo, push, token):
    """The rewritten commits are scanned; those that are given up are not."""
    old = repo.save("b.py", f"key = '{token(RULE)}'\n")
    repo.git("push", "-q", "origin", "main")
    repo.git("reset", "-q", "--hard", "HEAD^")
    repo.save("ci.py", f"key = '{token(RULE)}'\n")
    assert found(push(("main", "main", old)), "ci.py")


@pytest.mark.usefixtures("remote")
def test_force_push_that_takes_a_secret_away(repo, push, token):
    """Going back to a clean commit is clean."""
    old = repo.save("b.py", f"key = '{token(RULE)}'\n")
    repo.git("push", "-q", "origin", "main")
    repo.git("reset", "-q", "--hard", "HEAD^")
    assert silent(push(("main", "main", old)))


@pytest.mark.usefixtures("remote")
def test_lightweight_tag(repo, push, token):
    """A tag brings the commits that it leads to."""
    repo.git("checkout", "-q", "--detach")
    repo.save("ci.py", f"key = '{token(RULE)}'\n")
    repo.git("tag", "v1")
    assert found(push(("refs/tags/v1", "refs/tags/v1", NOTHING)), "ci.py")


@pytest.mark.usefixtures("remote")
def test_annotated_tag(repo, push, token):
    """So does an annotated one, also a tag of a tag."""
    repo.git("checkout", "-q", "--detach")
    repo.save("ci.py", f"key = '{token(RULE)}'\n")
    repo.git("tag", "-a", "-m", "one", "v1")
    repo.git("tag", "-a", "-m", "two", "v2", "v1")
    assert found(push(("refs/tags/v2", "refs/tags/v2", NOTHING)), "ci.py")


@pytest.mark.usefixtures("remote")
def test_secret_in_the_message_of_a_tag(repo, push, token):
    """The tag's own message is scanned, even of a commit that the remote has."""
    repo.git("tag", "-a", "-m", f"release\n\nkey {token(RULE)}", "v1")
    result = push(("refs/tags/v1", "refs/tags/v1", NOTHING))
    assert (result.code, len(result.findings)) == (1, 1)
    assert "refs/tags/v1" in result.findings[0]["path"]


@pytest.mark.usefixtures("remote")
@pytest.mark.parametrize("target", ["HEAD:ci.py", "HEAD^{tree}"], ids=["a blob", "a tree"])
def test_tag_that_points_to(repo, push, token, target):
    """A tag need not lead to a commit."""
    repo.save("ci.py", f"key = '{token(RULE)}'\n")
    repo.git("tag", "odd", target)
    repo.git("reset", "-q", "--hard", "HEAD^")
    result = push(("refs/tags/odd", "refs/tags/odd", NOTHING))
    assert (result.code, len(result.findings)) == (1, 1)


@pytest.mark.usefixtures("remote")
def test_deletion_of_a_ref(repo, push, token):
    """Nothing leaves when a branch is deleted; what is pushed beside it is scanned."""
    base = repo.git("rev-parse", "HEAD")
    assert silent(push((None, "old", base)))
    repo.save("ci.py", f"key = '{token(RULE)}'\n")
    assert found(push((None, "old", base), ("main", "main", base)), "ci.py")


@pytest.mark.usefixtures("remote")
def test_content_added_and_removed_inside_the_range(repo, push, token):
    """What a later commit took away again leaves nevertheless; it is told once, with the commit that brought it."""
    base = repo.git("rev-parse", "HEAD")
    value = token(RULE)
    commit = repo.save("ci.py", f"key = '{value}'\n")
    repo.save("ci.py", "clean\n")
    repo.save("other.py", f"key = '{value}'\n")
    repo.git("rm", "-q", "other.py")
    repo.commit()
    result = push(("main", "main", base))
    assert found(result, "ci.py")
    assert (result.findings[0]["commit"], result.findings[0]["occurrences"]) == (commit, 2)


@pytest.mark.usefixtures("remote")
def test_one_commit_with_the_same_content_at_two_paths(repo, push, token):
    """Two equal files are two occurrences of one secret."""
    base = repo.git("rev-parse", "HEAD")
    text = f"key = '{token(RULE)}'\n"
    repo.add("one.py", text)
    repo.save("two.py", text)
    result = push(("main", "main", base))
    assert found(result, "one.py")
    assert result.findings[0]["occurrences"] == 2


@pytest.mark.usefixtures("remote")
def test_secret_only_in_a_merge_commit(repo, push, token):
    """What a merge adds by itself is on neither side."""
    base = merged(repo, f"key = '{token(RULE)}'\n")
    result = push(("main", "main", base))
    assert found(result, "a.py")
    assert result.findings[0]["commit"] == repo.git("rev-parse", "HEAD")


@pytest.mark.usefixtures("remote")
def test_merge_of_an_old_secret(repo, push, token):
    """A merge does not bring in again what its sides have."""
    repo.save("old.py", f"key = '{token(RULE)}'\n")
    repo.git("push", "-q", "origin", "main")
    base = merged(repo, "both\n")
    assert silent(push(("main", "main", base)))


def merged(repo, content):
    """Merges two branches with `content` as the outcome of their conflict; the commit before both."""
    base = repo.git("rev-parse", "HEAD")
    repo.git("checkout", "-q", "-b", "side")
    repo.save("a.py", "side\n")
    repo.git("checkout", "-q", "main")
    repo.save("a.py", "main\n")
    repo.git("merge", "-q", "side", check=False)
    repo.save("a.py", content)
    return base


@pytest.mark.usefixtures("remote")
def test_commit_message(repo, push, token):
    """Messages leave too."""
    base = repo.git("rev-parse", "HEAD")
    commit = repo.commit(f"rotate\n\nold key was {token(RULE)}\n")
    result = push(("main", "main", base))
    assert (result.code, len(result.findings)) == (1, 1)
    assert (result.findings[0]["commit"], result.findings[0]["line"]) == (commit, 3)


@pytest.mark.usefixtures("remote")
def test_branch_name(repo, push, token):
    """The name that the branch gets on the remote is scanned, once: when the remote has it, it is no news."""
    base = repo.git("rev-parse", "HEAD")
    name = f"fix-{token(RULE)}"
    result = push(("main", name, NOTHING))
    assert (result.code, len(result.findings)) == (1, 1)
    assert silent(push(("main", name, base)))


@pytest.mark.usefixtures("remote")
def test_file_name(repo, push, token):
    """A path is scanned, also one of an empty file, or of a file whose content is known."""
    base = repo.git("rev-parse", "HEAD")
    repo.save("empty.txt", "")
    repo.save(f"{token(RULE)}.txt", "")
    result = push(("main", "main", base))
    assert (result.code, len(result.findings)) == (1, 1)


@pytest.mark.usefixtures("remote")
def test_file_name_that_only_a_merge_brings(repo, push, token):
    """A path that is in none of the parents."""
    base = repo.git("rev-parse", "HEAD")
    repo.git("checkout", "-q", "-b", "side")
    repo.save("b.py", "side\n")
    repo.git("checkout", "-q", "main")
    repo.save("c.py", "main\n")
    repo.git("merge", "-q", "--no-commit", "side")
    repo.save(f"{token(RULE)}.txt", "ok\n")
    result = push(("main", "main", base))
    assert (result.code, len(result.findings)) == (1, 1)


@pytest.mark.usefixtures("remote")
def test_what_the_remote_has_already(repo, push, token):
    """An old secret that is on the remote stays silent, however the push is told."""
    repo.save("ci.py", f"key = '{token(RULE)}'\n")
    repo.git("push", "-q", "origin", "main")
    base = repo.git("rev-parse", "HEAD")
    repo.save("ci.py", (repo.path / "ci.py").read_text() + "x = 1\n")
    repo.git("mv", "ci.py", "moved.py")
    repo.commit()
    assert silent(push(("main", "main", base)))
    assert silent(push(("main", "topic", NOTHING)))


@pytest.mark.usefixtures("remote")
def test_what_another_remote_has(repo, push, token):
    """What one remote knows is news to another one."""
    base = repo.git("rev-parse", "HEAD")
    repo.git("remote", "add", "fork", "https://example.org/fork.git")
    repo.save("ci.py", f"key = '{token(RULE)}'\n")
    repo.git("push", "-q", "origin", "main")
    assert silent(push(("main", "topic", NOTHING)))
    assert found(push(("main", "main", base), remote=("fork", "url")), "ci.py")


@pytest.mark.usefixtures("remote")
def test_remote_id_that_is_unknown_here(repo, push, token):
    """Somebody else pushed in between: what is not known to be there is scanned."""
    repo.save("ci.py", f"key = '{token(RULE)}'\n")
    assert found(push(("main", "main", "1234567890" * 4)), "ci.py")


@pytest.mark.usefixtures("remote")
@pytest.mark.parametrize("command", ["push", "staged"])
def test_range_of_the_hook_runner(repo, secretscan, token, command):
    """PRE_COMMIT_FROM_REF and PRE_COMMIT_TO_REF say what is pushed, or which range to scan."""
    base = repo.git("rev-parse", "HEAD")
    repo.save("ci.py", f"key = '{token(RULE)}'\n")
    repo.save("ci.py", "clean\n")
    repo.add("staged.py", f"key = '{token(RULE)}'\n")
    result = secretscan(command, "--format", "json", PRE_COMMIT_FROM_REF=base, PRE_COMMIT_TO_REF="HEAD")
    assert found(result, "ci.py")
    result = secretscan(command, "--format", "json", PRE_COMMIT_FROM_REF="main^", PRE_COMMIT_TO_REF="main")
    assert silent(result)


@pytest.mark.usefixtures("remote")
def test_a_secret_that_wanders_out_of_an_excluded_folder(repo, push, token):
    """The same content at a path that is not excluded is reported."""
    repo.save(".secretscan.toml", 'exclude = ["fixtures/"]\n')
    base = repo.git("rev-parse", "HEAD")
    repo.save("fixtures/ci.py", f"key = '{token(RULE)}'\n")
    repo.git("mv", "fixtures/ci.py", "ci.py")
    repo.commit()
    result = push(("main", "main", base))
    assert (result.code, [finding["path"] for finding in result.findings]) == (1, ["ci.py"])
    assert result.skipped == {"fixtures/ci.py": "excluded by .secretscan.toml"}


def test_sha256_repository(new_repo, token, monkeypatch, secretscan):
    """Longer ids change nothing."""
    made = new_repo("long", "--object-format=sha256")
    monkeypatch.chdir(made.path)
    made.save("ci.py", f"key = '{token(RULE)}'\n")
    head = made.git("rev-parse", "HEAD")
    line = f"refs/heads/main {head} refs/heads/main {'0' * 64}\n"
    assert found(secretscan("push", "--format", "json", "origin", "url", stdin=line.encode()), "ci.py")


@pytest.mark.usefixtures("remote")
@pytest.mark.parametrize(
    "name",
    [os.fsdecode(b"caf\xe9"), "no\u00a0break", "emoji-\U0001f511"],
    ids=["latin-1", "no-break space", "emoji"],
)
def test_branch_name_of_odd_characters(repo, push, token, name):
    """What git takes as a branch name is understood, also by a strict stream."""
    repo.git("checkout", "-q", "-b", name)
    assert silent(push((f"refs/heads/{name}", name, NOTHING), PYTHONIOENCODING="utf-8:strict"))
    repo.save("ci.py", f"key = '{token(RULE)}'\n")
    assert found(push((f"refs/heads/{name}", name, NOTHING), PYTHONIOENCODING="utf-8:strict"), "ci.py")


def test_from_a_shallow_clone(remote, new_repo, secretscan, token, monkeypatch):
    """What is new is found; what the remote has is not reported, although its commits are not all here."""
    writer = new_repo("writer", clone=str(remote.path))
    writer.save("old.py", f"key = '{token(RULE)}'\n")
    writer.save("b.py", "x = 1\n")
    writer.git("push", "-q")
    made = new_repo("shallow", "--depth=1", clone=f"file://{remote.path}")
    monkeypatch.chdir(made.path)
    base = made.git("rev-parse", "HEAD")
    for name, text, places in (("c.py", "x = 1\n", []), ("d.py", f"key = '{token(RULE)}'\n", [("d.py", 1)])):
        head = made.save(name, text)
        lines = f"refs/heads/main {head} refs/heads/main {base}\n"
        result = secretscan("push", "--format", "json", "origin", "url", stdin=lines.encode())
        assert (result.code, result.places, result.skipped) == (int(bool(places)), places, {})


PUSHES = {
    "a branch": (("push", "origin", "main"), "refs/heads/main"),
    "a new branch": (("push", "origin", "main:topic"), "refs/heads/topic"),
    "all branches": (("push", "--all", "origin"), "refs/heads/other"),
    "with tags": (("push", "--tags", "origin"), "refs/tags/v1"),
    "by force": (("push", "--force", "origin", "other:main"), "refs/heads/main"),
    "to a path": (("push", "../remote.git", "main"), "refs/heads/main"),
}


@pytest.mark.parametrize(("command", "ref"), PUSHES.values(), ids=PUSHES.keys())
def test_through_a_hook(repo, remote, token, command, ref):
    """`git push` is stopped before anything leaves, and goes through when the secret was never there."""
    before = remote.git("for-each-ref")
    repo.git("checkout", "-q", "-b", "other")
    repo.save("b.py", f"key = '{token(RULE)}'\n")
    repo.git("checkout", "-q", "main")
    repo.save("ci.py", f"key = '{token(RULE)}'\n")
    repo.git("tag", "v1")
    repo.hook("pre-push", "push")
    printed = repo.git(*command, check=False)
    assert RULE in printed
    assert remote.git("for-each-ref") == before
    for branch, name in (("other", "b.py"), ("main", "ci.py")):
        repo.git("checkout", "-q", branch)
        repo.add(name, "clean\n")
        repo.git("commit", "-q", "--amend", "-m", "clean")
    repo.git("tag", "-f", "v1")
    repo.git(*command)
    assert ref in remote.git("for-each-ref")


def test_deletion_through_a_hook(repo, remote):
    """A branch of the remote can be deleted."""
    repo.git("push", "-q", "origin", "main:old")
    repo.hook("pre-push", "push")
    repo.git("push", "-q", "--delete", "origin", "old")
    assert "old" not in remote.git("for-each-ref")
