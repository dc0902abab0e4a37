"""What is allowed, and by what: comments, settings, the baseline. And that nothing allows more than it says."""

import json

import pytest

RULE = "circleci-personal-api-token"
OTHER = "github-personal-access-token"


@pytest.fixture
def staged(secretscan):
    """Scans the staged change; the result with its report as JSON."""
    return lambda *args, **env: secretscan("staged", "--format", "json", *args, **env)


@pytest.fixture
def history(secretscan):
    """Scans the history; the result with its report as JSON."""
    return lambda *args: secretscan("history", "--format", "json", *args)


@pytest.fixture
def settings(repo):
    """Commits settings."""
    return lambda text: repo.save(".secretscan.toml", text)


IGNORED = {
    "Python": "key = '{value}'  # secretscan:ignore {rule} revoked in May",
    "JavaScript": "key = '{value}' // secretscan:ignore {rule} revoked",
    "HTML": "<b>{value}</b> <!-- secretscan:ignore {rule} sample from the docs -->",
    "before the secret": "/* secretscan:ignore {rule} revoked */ key = '{value}'",
    "reason beyond ASCII": "key = '{value}'  # secretscan:ignore {rule} größtenteils alt",
    "CRLF": "key = '{value}'  # secretscan:ignore {rule} revoked\r",
    "two rules": "key = '{value}'  # secretscan:ignore x-y no secretscan:ignore {rule} revoked",
}


@pytest.mark.parametrize("line", IGNORED.values(), ids=IGNORED.keys())
def test_comment_that_allows(repo, staged, token, line):
    """A rule and a reason on the secret's line."""
    repo.add("a.py", "x = 1\n" + line.format(value=token(RULE), rule=RULE) + "\n")
    result = staged()
    assert (result.code, result.findings) == (0, [])


REPORTED = {
    "no reason": "key = '{value}'  # secretscan:ignore {rule}",
    "a reason without words": "key = '{value}'  # secretscan:ignore {rule} --",
    "the end of a comment as reason": "key = '{value}' /* secretscan:ignore {rule} */",
    "the end of a markup comment as reason": "{value} <!-- secretscan:ignore {rule} -->",
    "another rule": "key = '{value}'  # secretscan:ignore github-personal-access-token revoked",
    "no rule": "key = '{value}'  # secretscan:ignore revoked in May",
    "part of a rule's id": "key = '{value}'  # secretscan:ignore circleci revoked in May",
    "the line above": "# secretscan:ignore {rule} revoked\nkey = '{value}'",
    "the line below": "key = '{value}'\n# secretscan:ignore {rule} revoked",
    "another word": "key = '{value}'  # secretscan:ignored {rule} revoked",
    "another tool": "key = '{value}'  # gitleaks:allow nosec",
}


@pytest.mark.parametrize("line", REPORTED.values(), ids=REPORTED.keys())
def test_comment_that_does_not_allow(repo, staged, token, line):
    """Anything less than rule and reason on the line itself."""
    repo.add("a.py", line.format(value=token(RULE), rule=RULE) + "\n")
    result = staged()
    assert (result.code, len(result.findings)) == (1, 1)


def test_comment_is_for_its_rule_only(repo, staged, token):
    """Another provider's secret on the same line is reported."""
    repo.add("a.py", f"a, b = '{token(RULE)}', '{token(OTHER)}'  # secretscan:ignore {RULE} revoked\n")
    result = staged()
    assert [found["rule_id"] for found in result.findings] == [OTHER]


def test_comments_can_be_switched_off(repo, staged, settings, token):
    """Where a project does not want them."""
    settings("inline_ignores = false\n")
    repo.add("a.py", f"key = '{token(RULE)}'  # secretscan:ignore {RULE} revoked\n")
    assert staged().code == 1


def test_comment_that_is_taken_away(repo, staged, token):
    """Then the secret is as good as new."""
    value = token(RULE)
    repo.save("a.py", f"key = '{value}'  # secretscan:ignore {RULE} revoked\n")
    repo.add("a.py", f"key = '{value}'\n")
    assert staged().code == 1


def test_allowed_is_counted(repo, secretscan, token):
    """The last line says that something was allowed."""
    repo.add("a.py", f"key = '{token(RULE)}'  # secretscan:ignore {RULE} revoked\n")
    assert "1 allowed" in secretscan("staged").out.splitlines()[-1]


def test_new_secret_on_an_allowed_place(repo, staged, secretscan, token):
    """What is known is a value, not a place: another value on the same line of the same file is reported."""
    repo.save("a.py", f"x = 1\nkey = '{token(RULE)}'\n")
    secretscan("baseline", "create", "--reason", "revoked")
    repo.git("add", ".secretscan-baseline.json")
    repo.commit()
    repo.add("a.py", f"x = 1\nkey = '{token(RULE)}'\n")
    assert staged().places == [("a.py", 2)]


@pytest.fixture
def known(repo, secretscan, token):
    """A committed baseline with the secret in old.py; gives the secret."""
    value = token(RULE)
    repo.save("old.py", f"x = 1\nkey = '{value}'\n")
    done = secretscan("baseline", "create", "--reason", "revoked in May")
    assert done.code == 0, done
    repo.git("add", ".secretscan-baseline.json")
    repo.commit()
    return value


def test_baseline_says_nothing_of_the_secret(repo, known):
    """It holds fingerprints, rules, relative paths and reasons."""
    text = (repo.path / ".secretscan-baseline.json").read_text()
    assert known not in text
    entries = json.loads(text)["entries"]
    assert [(entry["rule_id"], entry["path"], entry["reason"]) for entry in entries] == [
        (RULE, "old.py", "revoked in May")
    ]
    assert str(repo.path) not in text


def rename(repo, _):
    """The file gets another name."""
    repo.git("mv", "old.py", "sub.py")


def copy(repo, _):
    """The file is copied."""
    repo.add("copy.py", (repo.path / "old.py").read_bytes())


def crlf(repo, value):
    """The line ends change."""
    repo.add("old.py", f"x = 1\r\nkey = '{value}'\r\n")


def other_line(repo, value):
    """The secret moves to another line and another name."""
    repo.add("old.py", f"\n\n\nx = 1\n\n  token: {value}\n")


def utf_16(repo, value):
    """The encoding changes."""
    repo.add("old.py", f"x = 1\nkey = '{value}'\n".encode("utf-16"))


MOVES = {f.__doc__.rstrip(".").lower(): f for f in (rename, copy, crlf, other_line, utf_16)}


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES.keys())
def test_baseline_survives(repo, secretscan, known, move):
    """What does not change the secret does not end its entry, in no command."""
    move(repo, known)
    for command in ("staged", "scan"):
        assert secretscan(command, "--format", "json").findings == []
    repo.commit()
    assert secretscan("history", "--format", "json").findings == []


def test_baseline_survives_a_rebase_and_a_squash(repo, history, known):
    """Other commits, other lines, the same secret."""
    assert known
    repo.git("checkout", "-q", "-b", "topic")
    for number in range(3):
        repo.save(f"{number}.py", f"n = {number}\n")
    repo.git("checkout", "-q", "main")
    repo.save("main.py", "m = 1\n")
    repo.git("rebase", "-q", "main", "topic")
    assert history().code == 0
    repo.git("reset", "-q", "--soft", "main~2")
    repo.commit("squashed")
    assert history().code == 0


def test_baseline_does_not_cover_another_value(repo, staged, history, known, token):
    """Not even one character."""
    other = known[:-1] + ("0" if known[-1] != "0" else "1")
    repo.add("old.py", f"x = 1\nkey = '{other}'\n")
    assert staged().places == [("old.py", 2)]
    repo.add("old.py", f"x = 1\nkey = '{known}', '{token(RULE)}'\n")
    repo.commit()
    assert len(history().findings) == 1


def test_baseline_of_another_repository(repo, new_repo, secretscan, known, monkeypatch):
    """Fingerprints agree between clones of a repository and differ between repositories."""
    text = f"key = '{known}'\n"
    clone = new_repo("clone", clone=str(repo.path))
    clone.add("a.py", text)
    monkeypatch.chdir(clone.path)
    assert secretscan("staged", "--format", "json").findings == []
    stranger = new_repo("stranger")
    stranger.add("a.py", text)
    monkeypatch.chdir(stranger.path)
    assert len(secretscan("staged", "--format", "json").findings) == 1
    known_here = json.loads((repo.path / ".secretscan-baseline.json").read_text())["entries"][0]["fingerprint"]
    assert secretscan("staged", "--format", "json").findings[0]["fingerprint"] != known_here


def test_fingerprint_is_the_same_everywhere_in_a_repository(repo, staged, history, secretscan, token):
    """At two paths and in all commands; another value has another one."""
    text = f"key = '{token(RULE)}'\n"
    repo.add("a.py", text)
    first = staged().findings[0]["fingerprint"]
    repo.commit()
    repo.save("b.py", "\n\n" + text)
    assert history().findings[0]["fingerprint"] == first
    assert {found["fingerprint"] for found in secretscan("scan", "--format", "json").findings} == {first}
    repo.add("c.py", f"key = '{token(RULE)}'\n")
    assert staged().findings[0]["fingerprint"] != first


def test_baseline_update(repo, secretscan, known, token):
    """New findings come in, gone ones go, reasons stay; an own name for the file works."""
    repo.save("new.py", f"key = '{token(RULE)}'\n")
    path = repo.path / ".secretscan-baseline.json"
    assert secretscan("baseline", "update").code == 0
    assert {entry["path"]: entry["reason"] for entry in json.loads(path.read_text())["entries"]} == {
        "new.py": "",
        "old.py": "revoked in May",
    }
    repo.git("rm", "-q", "old.py")
    assert secretscan("baseline", "update").code == 0
    assert [entry["path"] for entry in json.loads(path.read_text())["entries"]] == ["new.py"]
    assert known not in path.read_text()


def test_baseline_from_a_subfolder(repo, secretscan, token, monkeypatch):
    """It is the repository's, wherever the command is run."""
    repo.save("sub/a.py", f"key = '{token(RULE)}'\n")
    monkeypatch.chdir(repo.path / "sub")
    assert secretscan("baseline", "create").code == 0
    entries = json.loads((repo.path / ".secretscan-baseline.json").read_text())["entries"]
    assert [entry["path"] for entry in entries] == ["sub/a.py"]


def test_baseline_leaves_out_what_git_ignores(repo, secretscan, token):
    """A developer's own .env is nobody else's business."""
    repo.save(".gitignore", ".env\n")
    repo.write(".env", f"KEY={token(RULE)}\n")
    assert secretscan("baseline", "create").code == 0
    assert json.loads((repo.path / ".secretscan-baseline.json").read_text())["entries"] == []


def test_baseline_of_the_history(repo, secretscan, history, token):
    """With --history, what is only in old commits."""
    repo.save("a.py", f"key = '{token(RULE)}'\n")
    repo.save("a.py", "clean\n")
    assert secretscan("baseline", "create", "--history", "--reason", "rotated").code == 0
    assert history().code == 0


def test_baseline_under_another_name(repo, settings, staged, secretscan, token):
    """A name with a space in it, before there is such a file and after."""
    settings('baseline = "known secrets.json"\n')
    repo.save("a.py", f"key = '{token(RULE)}'\n")
    repo.add("b.py", f"key = '{token(RULE)}'\n")
    assert (staged().code, staged().err) == (1, "")
    assert secretscan("baseline", "create").code == 0
    repo.git("add", "known secrets.json")
    repo.commit()
    repo.add("c.py", (repo.path / "b.py").read_bytes())
    assert staged().code == 0


def test_settings_with_only_an_allowlist(repo, staged, settings, token):
    """All rules stay on."""
    settings('[[allow]]\npath = "fixtures/"\nreason = "made up for tests"\n')
    repo.add("fixtures/a.py", f"key = '{token(RULE)}'\n")
    repo.add("a.py", f"key = '{token(RULE)}'\nother = '{token(OTHER)}'\n")
    result = staged()
    assert result.places == [("a.py", 1), ("a.py", 2)]
    assert result.report["tool"]["rules"] > 10


ALLOWS = {
    "by rule": (f'rule = "{RULE}"', True),
    "by another rule": (f'rule = "{OTHER}"', False),
    "by path": ('path = "a.py"', True),
    "by a pattern of paths": ('path = "**/*.py"', True),
    "by an anchored path elsewhere": ('path = "/sub/a.py"', False),
    "by value": ("value = 'CCIPAT_.*'", True),
    "by a part of the value": ("value = 'CCIPAT_'", False),
    "by rule and path": (f'rule = "{RULE}"\npath = "*.py"', True),
    "by rule and another path": (f'rule = "{RULE}"\npath = "*.js"', False),
}


@pytest.mark.parametrize("case", ALLOWS.values(), ids=ALLOWS.keys())
def test_allowlist(repo, staged, settings, token, case):
    """All conditions of an entry must hold, a value's pattern for the whole of it."""
    entry, allowed = case
    settings(f'[[allow]]\n{entry}\nreason = "made up"\n')
    repo.add("a.py", f"key = '{token(RULE)}'\n")
    assert staged().code == (0 if allowed else 1)


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        (f'rule = "{RULE}"', "reason"),
        ('reason = "because"', "needs a rule, a path or a value"),
        ('rules = "x"\nreason = "y"', "unknown key 'rules'"),
        ("value = '('\nreason = 'x'", "no valid pattern"),
        ('rule = 1\nreason = "x"', "must be a string"),
    ],
    ids=["no reason", "no condition", "an unknown key", "a broken pattern", "a wrong type"],
)
def test_allowlist_that_is_wrong(repo, staged, settings, entry, complaint):
    """One line that says what is missing."""
    settings(f"[[allow]]\n{entry}\n")
    result = staged()
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert ".secretscan.toml: allow" in result.err
    assert complaint in result.err
    assert repo.path


def test_allowlist_with_a_broken_path(repo, staged, settings, token):
    """It is told when it is needed; the secret does not pass."""
    settings('[[allow]]\npath = "!"\nreason = "x"\n')
    repo.add("a.py", f"key = '{token(RULE)}'\n")
    result = staged()
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert ".secretscan.toml: allow has '!'" in result.err


def test_disabled_rule(repo, staged, history, settings, token):
    """The named rule is off, others stay on, in all commands."""
    settings(f'disable = ["{RULE}"]\n')
    repo.add("a.py", f"key = '{token(RULE)}'\nother = '{token(OTHER)}'\n")
    assert [found["rule_id"] for found in staged().findings] == [OTHER]
    repo.commit()
    assert [found["rule_id"] for found in history().findings] == [OTHER]


def test_excluded_file(repo, staged, secretscan, settings, token):
    """It is listed as skipped, with the place that says so."""
    settings('exclude = ["vendor/", "*.lock"]\n')
    repo.add("vendor/a.py", f"key = '{token(RULE)}'\n")
    repo.add("b.lock", f"key = '{token(RULE)}'\n")
    repo.add("c.py", "x = 1\n")
    result = staged()
    assert (result.code, result.findings) == (0, [])
    assert result.skipped == dict.fromkeys(("vendor/a.py", "b.lock"), "excluded by .secretscan.toml")
    assert staged("--require-complete").code == 3
    assert "vendor/a.py" in secretscan("staged").out


def test_secret_that_leaves_an_excluded_file(repo, staged, settings, token):
    """At a place that is not excluded it is new."""
    settings('exclude = ["vendor/"]\n')
    text = f"key = '{token(RULE)}'\n"
    repo.save("vendor/a.py", text)
    repo.git("mv", "vendor/a.py", "a.py")
    assert staged().places == [("a.py", 1)]


OWN = {
    "settings": (".secretscan.toml", 'disable = ["{rule}"]\n'),
    "an allowlist": (".secretscan.toml", '[[allow]]\nrule = "{rule}"\nreason = "me"\n'),
    "an exclusion": (".secretscan.toml", 'exclude = ["a.py"]\n'),
    "a threshold": ("pyproject.toml", "[tool.secretscan]\nmin_confidence = 'high'\ndisable = ['{rule}']\n"),
    "a size limit": (".secretscan.toml", "max_file_size = 1\n"),
}


@pytest.mark.parametrize(("name", "text"), OWN.values(), ids=OWN.keys())
def test_change_that_brings_its_own(repo, staged, token, name, text):
    """What a change says of itself does not count before it is committed, in the index or in the tree."""
    repo.save("README", "x\n")
    repo.add(name, text.format(rule=RULE))
    repo.add("a.py", f"key = '{token(RULE)}'\n")
    assert staged().places == [("a.py", 1)]
    assert staged().code == 1


def test_change_that_brings_its_own_baseline(repo, staged, secretscan, token):
    """Nor does a baseline."""
    repo.save("README", "x\n")
    repo.add("a.py", f"key = '{token(RULE)}'\n")
    assert secretscan("baseline", "create").code == 0
    repo.git("add", ".secretscan-baseline.json")
    assert staged().places == [("a.py", 1)]


def test_first_commit_that_brings_its_own_settings(repo, staged, token):
    """Not even the first one."""
    repo.add(".secretscan.toml", f'disable = ["{RULE}"]\n')
    repo.add("a.py", f"key = '{token(RULE)}'\n")
    assert staged().code == 1


def test_settings_in_pyproject(repo, staged, token):
    """[tool.secretscan] counts where there is no .secretscan.toml, which wins."""
    repo.save("pyproject.toml", f"[project]\nname = 'x'\n[tool.secretscan]\ndisable = ['{RULE}']\n")
    repo.add("a.py", f"key = '{token(RULE)}'\n")
    assert staged().code == 0
    repo.save(".secretscan.toml", "")
    repo.add("b.py", f"key = '{token(RULE)}'\n")
    assert staged().code == 1


def test_settings_and_baseline_named_on_the_command_line(repo, staged, secretscan, token):
    """They count as they lie there."""
    repo.write("../strict.toml", "inline_ignores = false\n")
    repo.add("a.py", f"key = '{token(RULE)}'  # secretscan:ignore {RULE} revoked\n")
    assert staged("--config", "../strict.toml").code == 1
    repo.write("../lax.toml", f'disable = ["{RULE}"]\n')
    assert staged("--config", "../lax.toml").code == 0
    repo.add("a.py", f"key = '{token(RULE)}'\n")
    assert secretscan("baseline", "create", "--baseline", "../known.json").code == 0
    assert staged("--baseline", "../known.json").code == 0
