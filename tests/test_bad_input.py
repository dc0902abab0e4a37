"""What is wrong is said in one line, with the exit code that belongs to it, and never by a traceback."""

import os
import shutil

import pytest

RULE = "circleci-personal-api-token"
NOTHING = "0" * 40


def complaint(result, code):
    """The one line of a command that ended with `code` and printed nothing else."""
    assert (result.code, result.out) == (code, ""), result
    assert result.err.startswith("secretscan: ")
    assert result.err.count("\n") == 1, result.err
    assert "internal error" not in result.err
    return result.err


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """A folder outside any repository, which is the current one."""
    folder = tmp_path / "nowhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


IN_REPOSITORIES = [
    ("staged",),
    ("staged", "--format", "json"),
    ("push",),
    ("history",),
    ("history", "--range", "HEAD"),
    ("message", "message"),
    ("install",),
    ("baseline", "create"),
]


@pytest.mark.parametrize("command", IN_REPOSITORIES, ids=" ".join)
def test_not_a_repository(nowhere, secretscan, command):
    """Says so, and what to do."""
    (nowhere / "message").write_text("subject\n")
    assert "not a git repository" in complaint(secretscan(*command, stdin=line("1" * 40)), 3)


def line(local, remote=NOTHING, ref="refs/heads/main"):
    """What git tells a pre-push hook."""
    return f"{ref} {local} {ref} {remote}\n".encode()


@pytest.mark.parametrize(
    "command",
    [
        ("staged",),
        ("history",),
        ("history", "--all-objects"),
        ("history", "--since", "2020-01-01"),
        ("scan",),
        ("push",),
    ],
    ids=" ".join,
)
def test_empty_repository(repo, secretscan, command):
    """Nothing there is clean."""
    assert repo.path
    result = secretscan(*command, stdin=b"")
    assert (result.code, result.err) == (0, "")


def test_range_of_an_empty_repository(repo, secretscan):
    """A revision that is not there."""
    assert repo.path
    assert "HEAD" in complaint(secretscan("history", "--range", "HEAD"), 3)


@pytest.mark.parametrize("given", ["no-such-branch..HEAD", "--output=here", "HEAD...nowhere", "1234"])
def test_range_that_is_wrong(repo, secretscan, given):
    """Whatever git says of it, in one line; never an option."""
    repo.save("a.py", "x = 1\n")
    complaint(secretscan("history", f"--range={given}"), 3)
    assert not (repo.path / "here").exists()


def test_staged_in_a_bare_repository(new_repo, secretscan, monkeypatch):
    """There is no index."""
    made = new_repo("bare.git", "--bare")
    monkeypatch.chdir(made.path)
    complaint(secretscan("staged"), 3)


def test_repository_of_another_user(repo, secretscan):
    """The line has the command that helps."""
    assert repo.path
    assert "safe.directory" in complaint(secretscan("staged", GIT_TEST_ASSUME_DIFFERENT_OWNER="1"), 3)


def test_staged_blob_that_is_missing(repo, secretscan):
    """Listed; with --require-complete exit code 3."""
    repo.add("a.py", "x = 1\n")
    repo.loose(repo.git("rev-parse", ":a.py")).unlink()
    result = secretscan("staged", "--format", "json")
    assert "missing" in result.skipped["a.py"]
    assert secretscan("staged", "--require-complete").code == 3


@pytest.mark.parametrize("content", [b"", b"garbage"], ids=["empty", "garbage"])
def test_staged_blob_that_is_damaged(repo, secretscan, content):
    """Listed as well, or the scan ends: it does not pass in silence."""
    repo.add("a.py", "x = 1\n")
    path = repo.loose(repo.git("rev-parse", ":a.py"))
    path.unlink()
    path.write_bytes(content)
    result = secretscan("staged", "--require-complete")
    assert result.code == 3
    assert "Traceback" not in result.err


def test_push_of_a_missing_commit(repo, secretscan):
    """What cannot be read cannot be passed."""
    repo.save("a.py", "x = 1\n")
    gone = repo.git("rev-parse", "HEAD")
    repo.save("b.py", "x = 1\n")
    repo.loose(gone).unlink()
    complaint(secretscan("push", "--format", "json", stdin=line(repo.git("rev-parse", "main"))), 3)


def test_push_of_an_object_that_is_not_there(repo, secretscan):
    """Neither can a tip that nobody has."""
    repo.save("a.py", "x = 1\n")
    assert secretscan("push", stdin=line("12" * 20)).code == 3


GARBAGE = {
    "words": b"what is this\n",
    "four words": b"one two three four\n",
    "an id that is too short": b"refs/heads/main 1234 refs/heads/main " + NOTHING.encode() + b"\n",
    "an option": b"refs/heads/main --all refs/heads/main " + NOTHING.encode() + b"\n",
    "bytes": bytes(range(1, 256)),
    "a line after a good one": line(NOTHING, "1" * 40) + b"x\n",
}


@pytest.mark.parametrize("given", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_instead_of_refs(repo, secretscan, given):
    """What is not understood is not passed."""
    repo.save("a.py", "x = 1\n")
    complaint(secretscan("push", stdin=given), 3)


def test_range_of_the_hook_runner_that_is_wrong(repo, secretscan):
    """PRE_COMMIT_FROM_REF names nothing."""
    repo.save("a.py", "x = 1\n")
    complaint(secretscan("push", PRE_COMMIT_FROM_REF="gone", PRE_COMMIT_TO_REF="HEAD"), 3)


def test_corrupted_index(repo, secretscan):
    """Git's reason, in one line."""
    repo.add("a.py", "x = 1\n")
    repo.write(".git/index", b"garbage")
    assert "index" in complaint(secretscan("staged"), 3)


def test_broken_git_configuration(repo, secretscan):
    """Git's reason, in one line."""
    repo.write(".git/config", "[core\n")
    assert "config" in complaint(secretscan("staged"), 3)


@pytest.mark.parametrize("command", [("staged",), ("history",), ("push",)], ids=" ".join)
def test_git_missing_from_the_path(repo, secretscan, tmp_path, command):
    """Says what to install."""
    repo.save("a.py", "x = 1\n")
    assert "git is not installed or not on PATH" in complaint(
        secretscan(*command, PATH=str(tmp_path), stdin=line("1" * 40)), 3
    )


def test_scan_needs_no_git(nowhere, secretscan, token):
    """Files are scanned without."""
    (nowhere / "a.py").write_text(f"key = '{token(RULE)}'\n")
    result = secretscan("scan", "--format", "json", PATH=str(nowhere))
    assert (result.code, result.places, result.err) == (1, [("a.py", 1)], "")


def test_path_that_is_not_there(nowhere, secretscan):
    """Exit code 2, before anything is scanned."""
    (nowhere / "a.py").write_text("x = 1\n")
    assert "gone.py: there is no such file or folder" in complaint(secretscan("scan", "a.py", "gone.py"), 2)


def test_file_that_vanished(repo, secretscan):
    """A hook runner names a file that is gone: it is listed."""
    repo.save("a.py", "x = 1\n")
    result = secretscan("staged", "--format", "json", "gone.py")
    assert (result.code, result.err) == (0, "")
    assert "cannot be read" in result.skipped["gone.py"]


def test_folder_in_place_of_a_file(repo, secretscan):
    """So is what is no file."""
    repo.save("a.py", "x = 1\n")
    repo.write("sub/b.py", "x = 1\n")
    os.mkfifo(repo.path / "pipe")
    result = secretscan("staged", "--format", "json", "sub", "pipe")
    assert result.skipped.keys() == {"sub", "pipe"}


SETTINGS = {
    "broken TOML": ("disable = [", "not valid TOML"),
    "no UTF-8": (b"# caf\xe9\n", "not valid TOML"),
    "unknown key": ("disabled = []\n", "unknown key 'disabled'; did you mean 'disable'?"),
    "key of another tool": ("[extend]\nuseDefault = true\n", "unknown key 'extend'"),
    "wrong type": ('disable = "x"\n', "disable must be a list of strings"),
    "list of numbers": ("exclude = [1]\n", "exclude must be a list of strings"),
    "unknown confidence": ('min_confidence = "sure"\n', "min_confidence must be low, medium or high"),
    "no size": ('max_file_size = "much"\n', "max_file_size must be a size"),
    "negative size": ("max_file_size = -1\n", "max_file_size must be a size"),
    "no flag": ("inline_ignores = 1\n", "inline_ignores must be true or false"),
    "table in place of a list": ('[allow]\npath = "x"\n', "allow must be [[allow]] tables"),
    "rules that are not there": ('rules = ["gone.toml"]\n', "gone.toml: no rule file there"),
    "broken pattern of paths": ('exclude = ["a", "!"]\n', "exclude has '!'"),
    "broken class in a pattern of paths": ('exclude = ["[z-a]"]\n', "exclude has '[z-a]'"),
}


@pytest.mark.parametrize(("text", "words"), SETTINGS.values(), ids=SETTINGS.keys())
def test_settings_that_are_wrong(repo, secretscan, text, words):
    """File, key and the nearest valid one; in all commands."""
    repo.save(".secretscan.toml", text)
    repo.add("a.py", "x = 1\n")
    for command in ("staged", "history", "scan"):
        assert words in complaint(secretscan(command), 2)
    assert words in complaint(secretscan("push", stdin=line(repo.git("rev-parse", "HEAD"))), 2)


@pytest.mark.parametrize("text", ["tool = 1\n", "[tool]\nsecretscan = 1  # tool.secretscan\n", "[[tool.secretscan]]\n"])
def test_pyproject_that_is_wrong(repo, secretscan, text):
    """A table that is none."""
    repo.save("pyproject.toml", f"{text}# tool.secretscan\n")
    assert "pyproject.toml" in complaint(secretscan("staged"), 2)


def test_pyproject_of_others(repo, secretscan):
    """A pyproject.toml without settings of ours is not even parsed."""
    repo.save("pyproject.toml", "[project\n")
    assert secretscan("staged").code == 0


def test_settings_that_are_a_folder(nowhere, secretscan):
    """What cannot be read is not passed over."""
    (nowhere / ".secretscan.toml").mkdir()
    assert ".secretscan.toml" in complaint(secretscan("scan"), 2)


def test_named_settings_that_are_not_there(repo, secretscan):
    """Exit code 2 with the name."""
    assert repo.path
    assert "gone.toml: cannot be read" in complaint(secretscan("staged", "--config", "gone.toml"), 2)


BASELINES = {
    "no JSON": "{",
    "a list": "[]",
    "no key": '{"entries": []}',
    "a short key": '{"key": "00", "entries": []}',
    "entries without a fingerprint": '{"key": "' + "00" * 32 + '", "entries": [{}]}',
    "no UTF-8": b"\xff\xfe\x00",
    "deep": "[" * 100_000,
}


@pytest.mark.parametrize("text", BASELINES.values(), ids=BASELINES.keys())
def test_baseline_that_is_damaged(repo, secretscan, text):
    """The line says where to get another."""
    repo.save(".secretscan-baseline.json", text)
    assert ".secretscan-baseline.json: " in complaint(secretscan("staged"), 2)


def test_baseline_that_is_there_already(repo, secretscan):
    """A second create does not overwrite, update needs one."""
    repo.save("a.py", "x = 1\n")
    assert "cannot be read" in complaint(secretscan("baseline", "update"), 2)
    assert secretscan("baseline", "create").code == 0
    assert "exists already" in complaint(secretscan("baseline", "create"), 2)


GOOD_RULE = """
[provider]
id = "acme"
name = "Acme"

[[secret]]
id = "acme-token"
name = "Acme Token"
confidence = "high"
keywords = ["acme_"]
pattern = '(?<![a-z])(?P<secret>acme_[0-9a-f]{16})'
summary = "Opens Acme."
examples = ["«acme_{hex:16}»"]
counterexamples = ["acme_{hex:15}"]
"""

RULES = {
    "pattern that does not compile": ("[0-9a-f]{16})", "[0-9a-f{16})", "acme-token: pattern"),
    "pattern without the group": ("?P<secret>", "?:", "secret"),
    "unknown key in a secret": ("summary =", "sumary =", "unknown key 'sumary'; did you mean 'summary'?"),
    "unknown key in the provider": ('name = "Acme"\n', 'nmae = "Acme"\n', "[provider]: unknown key 'nmae'"),
    "unknown confidence": ('"high"', '"sure"', "confidence is 'sure'"),
    "no keywords": ('keywords = ["acme_"]', "keywords = []", "keywords"),
    "an id that is taken": ('id = "acme-token"', f'id = "{RULE}"', f"'{RULE}' is already used"),
    "broken TOML": ("[provider]", "[provider", "not valid TOML"),
    "no secret": ("[[secret]]", "[guide]", ""),
}


@pytest.mark.parametrize(("old", "new", "words"), RULES.values(), ids=RULES.keys())
def test_rule_file_that_is_wrong(nowhere, secretscan, old, new, words):
    """File, table, key and the nearest valid key; also for `rules check`."""
    assert old in GOOD_RULE
    (nowhere / "acme.toml").write_text(GOOD_RULE.replace(old, new, 1))
    (nowhere / "a.py").write_text("x = 1\n")
    for command in (("scan", "--rules", "acme.toml"), ("scan", "--rules", "."), ("rules", "check", "acme.toml")):
        said = complaint(secretscan(*command), 2)
        assert "acme.toml" in said
        assert words in said


def test_rule_file_that_is_right(nowhere, secretscan):
    """The file that the others are made of."""
    (nowhere / "acme.toml").write_text(GOOD_RULE)
    assert secretscan("scan", "--rules", "acme.toml").code == 0


def test_rules_that_are_not_there(nowhere, secretscan):
    """Exit code 2 with the name; also for a folder without any."""
    (nowhere / "empty").mkdir()
    assert "gone.toml: no rule file there" in complaint(secretscan("scan", "--rules", "gone.toml"), 2)
    assert "empty: no rule file there" in complaint(secretscan("scan", "--rules", "empty"), 2)


@pytest.mark.parametrize("command", [("explain",), ("rules", "show")], ids=" ".join)
def test_unknown_rule(nowhere, secretscan, command):
    """The nearest ids are named."""
    assert nowhere
    said = complaint(secretscan(*command, "circleci-personal-api-tokn"), 2)
    assert f"did you mean {RULE}" in said


USAGES = {
    "unknown command": (("stagd",), "no command 'stagd'; did you mean 'staged'?"),
    "unknown format": (("scan", "--format", "jsn"), "no format 'jsn'"),
    "size that is none": (("scan", "--max-file-size", "much"), "--max-file-size must be a size"),
}


@pytest.mark.parametrize(("command", "words"), USAGES.values(), ids=USAGES.keys())
def test_wrong_usage(nowhere, secretscan, command, words):
    """Exit code 2, before any work."""
    assert nowhere
    assert words in complaint(secretscan(*command), 2)


@pytest.mark.parametrize(
    "command", [("scan", "--colour"), ("history", "--jobs", "two"), ("message",), ("rules",)], ids=" ".join
)
def test_wrong_options(nowhere, secretscan, command):
    """Exit code 2 and the usage."""
    assert nowhere
    result = secretscan(*command)
    assert (result.code, result.out) == (2, "")
    assert "usage: secretscan" in result.err
    assert "Traceback" not in result.err


@pytest.mark.parametrize("jobs", ["-1", "0", "1000"])
def test_odd_number_of_jobs(repo, secretscan, jobs):
    """A number that makes no sense does no harm."""
    repo.save("a.py", "x = 1\n")
    result = secretscan("history", "--jobs", jobs)
    assert (result.code, result.err) == (0, "")


def test_help_and_version(nowhere, secretscan):
    """What is asked for is no error; no command at all is one."""
    assert nowhere
    assert secretscan("--version").code == secretscan("--help").code == secretscan("staged", "--help").code == 0
    assert secretscan().code == 2


def test_read_only_home(repo, secretscan, token, tmp_path):
    """Neither a cache nor a place for the key: the scan works."""
    repo.add("a.py", f"key = '{token(RULE)}'\n")
    (tmp_path / "file").write_text("")
    place = str(tmp_path / "file" / "below")
    result = secretscan("staged", "--format", "json", HOME=place, XDG_CONFIG_HOME=place, SECRETSCAN_CACHE_DIR=place)
    assert (result.code, result.err, result.places) == (1, "", [("a.py", 1)])


@pytest.fixture
def leak(repo, token):
    """Stages a secret; gives its places."""
    repo.add("a.py", f"key = '{token(RULE)}'\n")
    return [("a.py", 1)]


DAMAGES = {
    "empty": lambda _: b"",
    "cut off": lambda content: content[: len(content) // 2],
    "one byte wrong": lambda content: content[:-9] + bytes([content[-9] ^ 1]) + content[-8:],
}


@pytest.fixture
def cache(compiled_rules, environment, tmp_path):
    """A copy of the compiled rules that secretscan uses and that may be damaged."""
    folder = tmp_path / "cache"
    shutil.copytree(compiled_rules, folder)
    folder.chmod(0o700)
    (folder / "compiling").write_text("")  # so that nothing is compiled behind the test
    environment["SECRETSCAN_CACHE_DIR"] = str(folder)
    return folder


@pytest.mark.parametrize("suffix", ["db", "rules"])
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_damaged_cache(cache, leak, secretscan, damage, suffix):
    """A file of the cache that is not whole is not used."""
    for path in cache.glob(f"*.{suffix}"):
        path.write_bytes(damage(path.read_bytes()))
    result = secretscan("staged", "--format", "json")
    assert (result.code, result.err, result.places) == (1, "", leak)


def test_cache_that_others_can_write_to(cache, leak, secretscan):
    """It is not trusted, and nothing is lost by that."""
    for path in cache.iterdir():
        path.write_bytes(b"hostile")
    cache.chmod(0o777)
    result = secretscan("staged", "--format", "json")
    assert (result.code, result.err, result.places) == (1, "", leak)
