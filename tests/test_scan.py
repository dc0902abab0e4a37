"""`secretscan scan`: files, folders and standard input; and what all commands print, and how they end."""

import json
import os
import socket

import pytest

RULE = "circleci-personal-api-token"
OTHER = "github-personal-access-token"
LOW = "cloudinary-api-key"
FORMATS = ("text", "json", "jsonl", "sarif")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder outside any repository, which is the current one."""
    made = tmp_path / "folder"
    made.mkdir()
    monkeypatch.chdir(made)
    return made


@pytest.fixture
def scan(secretscan):
    """Scans paths; the result with its report as JSON."""
    return lambda *args, **more: secretscan("scan", "--format", "json", *args, **more)


def test_clean_folder(folder, scan):
    """Everything below the current folder is read and counted."""
    (folder / "sub").mkdir()
    (folder / "sub" / "a.py").write_text("x = 1\ny = 2\n")
    (folder / "b.py").write_text("z = 3")
    result = scan()
    assert (result.code, result.findings, result.skipped, result.err) == (0, [], {}, "")
    stats = result.report["stats"]
    assert (stats["files"], stats["lines"], stats["bytes"]) == (2, 3, 17)


def test_folder(folder, scan, token):
    """Findings in the order of their paths, with forward slashes, relative to what was asked for."""
    for name in ("b.py", "sub/c.py", "a.py"):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"key = '{token(RULE)}'\n")
    result = scan()
    assert result.places == [("a.py", 1), ("b.py", 1), ("sub/c.py", 1)]
    assert {found["exposure"] for found in result.findings} == {"working-tree"}
    assert scan("./sub").places == [("sub/c.py", 1)]
    assert scan("a.py", "sub/../b.py").places == [("a.py", 1), ("b.py", 1)]
    assert scan(str(folder / "a.py")).places == [(str(folder / "a.py"), 1)]


def test_hidden_and_ignored_files(repo, scan, token):
    """What git ignores lies on the disk nevertheless; git's own folder is left out."""
    repo.write(".gitignore", ".env\n")
    repo.write(".env", f"KEY={token(RULE)}\n")
    repo.write(".git/description", f"{token(RULE)}\n")
    assert scan().places == [(".env", 1)]


@pytest.mark.usefixtures("folder")
def test_standard_input(scan, token):
    """`-` reads a stream."""
    result = scan("-", stdin=f"x\nkey = '{token(RULE)}'\n".encode())
    assert (result.code, result.places) == (1, [("-", 2)])
    assert scan("-", stdin=b"").code == 0


def test_symlinks(folder, scan, token):
    """A link is the path it holds; it is not followed, so no loop and nothing outside."""
    (folder.parent / "outside").mkdir()
    (folder.parent / "outside" / "a.py").write_text(f"key = '{token(RULE)}'\n")
    os.symlink("../outside", folder / "away")
    os.symlink(".", folder / "loop")
    os.symlink("nowhere", folder / "dangling")
    result = scan()
    assert (result.code, result.findings, result.skipped) == (0, [], {})
    os.symlink(f"/secrets/{token(RULE)}", folder / "link")
    assert scan().places == [("link", 1)]
    assert scan("dangling").code == 0


def test_what_is_no_plain_file(folder, scan, token):
    """Pipes and sockets are listed, and nothing waits for them."""
    os.mkfifo(folder / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        (folder / "z.py").write_text(f"key = '{token(RULE)}'\n")
        result = scan()
    assert result.places == [("z.py", 1)]
    assert set(result.skipped) == {"pipe", "socket"}
    assert "no plain file" in result.skipped["pipe"]
    assert "pipe" in scan("pipe").skipped


def test_names_of_odd_bytes(folder, scan, token):
    """A path that is no UTF-8 does no harm."""
    (folder / os.fsdecode(b"caf\xe9\n.py")).write_text(f"key = '{token(RULE)}'\n")
    result = scan(PYTHONIOENCODING="utf-8:strict")
    assert (result.code, result.err, len(result.findings)) == (1, "", 1)


def test_max_file_size(folder, scan, secretscan, token):
    """What is larger is listed, with its size and the option that helps."""
    (folder / "big.py").write_text(f"key = '{token(RULE)}'\n" + "x = 1\n" * 400)
    (folder / "small.py").write_text("x = 1\n")
    result = scan("--max-file-size", "2 KB")
    assert (result.code, result.findings) == (0, [])
    assert "--max-file-size" in result.skipped["big.py"]
    assert result.report["stats"]["files"] == 1
    assert scan("--max-file-size", "3 KB").code == 1
    assert "big.py" in secretscan("scan", "--max-file-size", "2KB").out
    assert scan("--max-file-size", "2KB", "-", stdin=b"x" * 3000).skipped.keys() == {"-"}


def test_max_file_size_of_staged_and_history(repo, secretscan, token):
    """The same for blobs of the index and of the history."""
    repo.add("big.py", f"key = '{token(RULE)}'\n" + "x = 1\n" * 400)
    result = secretscan("staged", "--format", "json", "--max-file-size", "2000")
    assert (result.code, list(result.skipped)) == (0, ["big.py"])
    repo.commit()
    result = secretscan("history", "--format", "json", "--max-file-size", "2000")
    assert (result.code, len(result.skipped)) == (0, 1)
    assert secretscan("history", "--format", "json").code == 1


def test_require_complete(folder, scan):
    """Exit code 3 where anything was skipped, with one line that says so; the report is written nevertheless."""
    os.mkfifo(folder / "pipe")
    assert scan().code == 0
    result = scan("--require-complete")
    assert (result.code, result.err.count("\n")) == (3, 1)
    assert "pipe" in result.skipped
    (folder / "pipe").unlink()
    assert scan("--require-complete").code == 0


def test_a_finding_counts_more_than_what_was_skipped(folder, scan, token):
    """Exit code 1 with --require-complete, too."""
    os.mkfifo(folder / "pipe")
    (folder / "a.py").write_text(f"key = '{token(RULE)}'\n")
    assert scan("--require-complete").code == 1


def test_min_confidence(folder, scan, token):
    """What is below the threshold is reported and does not block."""
    (folder / ".env").write_text(f"CLOUDINARY_API_KEY={token(LOW)}\n")
    result = scan()
    assert (result.code, [found["rule_id"] for found in result.findings]) == (0, [LOW])
    assert scan("--min-confidence", "low").code == 1
    (folder / ".secretscan.toml").write_text('min_confidence = "low"\n')
    assert scan().code == 1
    assert scan("--min-confidence", "high").code == 0


def test_output_to_a_file(folder, secretscan, token):
    """The report is there, standard output is empty, the exit code the same."""
    (folder / "a.py").write_text(f"key = '{token(RULE)}'\n")
    result = secretscan("scan", "a.py", "--format", "json", "--output", "report.json")
    assert (result.code, result.out, result.err) == (1, "", "")
    assert json.loads((folder / "report.json").read_text())["findings"][0]["rule_id"] == RULE


def test_quiet(folder, secretscan, token):
    """Nothing when clean; the findings when not."""
    (folder / "a.py").write_text("x = 1\n")
    assert secretscan("scan", "--quiet") == (0, "", "")
    (folder / "a.py").write_text(f"key = '{token(RULE)}'\n")
    assert RULE in secretscan("scan", "--quiet").out


@pytest.mark.usefixtures("folder")
def test_timing(secretscan):
    """One line on the error stream."""
    result = secretscan("scan", "--timing", "--quiet")
    assert (result.code, result.out) == (0, "")
    assert "ms" in result.err


def test_last_line_of_the_text_tells_what_was_covered(folder, secretscan):
    """Files, lines, skipped."""
    (folder / "a.py").write_text("x = 1\n")
    os.mkfifo(folder / "pipe")
    last = secretscan("scan").out.splitlines()[-1]
    assert all(part in last for part in ("No secrets", "1 file", "1 line", "1 skipped"))


def test_custom_rules(folder, scan, token):
    """A rule file of one's own beside those that come with secretscan."""
    (folder / "rules.toml").write_text(custom_rule())
    (folder / "a.txt").write_text(f"acme_0123abcd4567efab\n{token(RULE)}\n")
    result = scan("a.txt", "--rules", "rules.toml")
    assert [found["rule_id"] for found in result.findings] == ["acme-token", RULE]
    (folder / ".secretscan.toml").write_text('rules = ["rules.toml"]\n')
    assert len(scan("a.txt").findings) == 2


def test_rules_of_the_settings_from_a_subfolder(repo, secretscan, monkeypatch):
    """Their paths begin at the repository's top, wherever the command is run."""
    repo.save("rules.toml", custom_rule())
    repo.save(".secretscan.toml", 'rules = ["rules.toml"]\n')
    repo.add("sub/a.txt", "acme_0123abcd4567efab\n")
    monkeypatch.chdir(repo.path / "sub")
    for command in ("staged", "history"):
        result = secretscan(command, "--format", "json")
        assert (result.code, result.err) == (1, "")
        repo.commit()


def custom_rule():
    """A rule file."""
    return """
[provider]
id = "acme"
name = "Acme"

[[secret]]
id = "acme-token"
name = "Acme Token"
confidence = "high"
keywords = ["acme_"]
pattern = '(?<![a-z])(?P<secret>acme_[0-9a-f]{16})(?![0-9a-f])'
summary = "Opens Acme."
examples = ["«acme_{hex:16}»", "t=«acme_{hex:16}»"]
counterexamples = ["acme_{hex:15}", "acme-{hex:16}"]
"""


def a_file(repo, text):
    """In the working tree."""
    repo.write("a.txt", text)
    return ("scan", "a.txt")


def an_index(repo, text):
    """In the index."""
    repo.add("a.txt", text)
    return ("staged",)


def a_history(repo, text):
    """In an old commit."""
    repo.save("a.txt", text)
    return ("history", "--all-objects")


def a_range(repo, text):
    """In a part of the history."""
    repo.save("a.txt", text)
    return ("history", "--range", "HEAD")


def a_message(repo, text):
    """In a commit message."""
    repo.write("message", text)
    return ("message", "message")


SOURCES = {f.__doc__.lower().rstrip("."): f for f in (a_file, an_index, a_history, a_range, a_message)}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES.keys())
@pytest.mark.parametrize("form", FORMATS)
def test_the_secret_is_never_shown(repo, secretscan, token, source, form):
    """Not in any format, on neither stream, not even where several stand in a line."""
    values = [token(RULE), token(RULE), token(OTHER)]
    text = f"one = '{values[0]}', '{values[1]}'\ntwo = {values[2]} {values[0]}\n"
    result = secretscan(*source(repo, text), "--format", form)
    assert result.code == 1
    assert RULE in result.out
    assert not any(value[12:] in result.out + result.err for value in values)


@pytest.mark.parametrize("form", FORMATS)
def test_the_secret_is_shown_on_demand(repo, secretscan, token, form):
    """Whole, with --show-secrets."""
    values = [token(RULE), token(OTHER)]
    repo.add("a.txt", f"{values[0]} {values[1]}\n")
    shown = secretscan("staged", "--format", form, "--show-secrets").out
    assert all(value in shown for value in values)


@pytest.mark.parametrize("form", FORMATS)
def test_the_secret_in_a_name_is_never_shown(repo, secretscan, token, form):
    """Neither where the path of a file, a branch or something that was skipped holds it."""
    value = token(RULE)
    repo.save(f"{value}/big.txt", "x" * 2000)
    repo.save(f"{value}/a.txt", f"{token(RULE)}\n")
    repo.git("branch", f"b/{value}")
    repo.git("reset", "-q", "--soft", "HEAD~1")
    for command in (("history", "--all-objects"), ("staged",)):
        result = secretscan(*command, "--format", form, "--max-file-size", "1000")
        assert result.code == 1
        assert value not in result.out + result.err


@pytest.mark.parametrize("form", FORMATS)
def test_the_wrapped_secret_is_never_shown(repo, secretscan, token, form):
    """Neither plain nor as it was wrapped, nor in pieces where it spans lines."""
    import base64

    value = token(RULE)
    wrapped = base64.b64encode(value.encode()).decode()
    split = f"{wrapped[:40]}\n{wrapped[40:]}"
    repo.add("a.yml", f"data: {wrapped}\nlines: |\n{split}\n")
    result = secretscan("staged", "--format", form)
    assert result.code == 1
    assert not any(part in result.out for part in (value[8:], wrapped[8:-8], wrapped[45:-8]))


@pytest.mark.parametrize("form", FORMATS)
def test_no_line_of_a_key_block_is_shown(repo, secretscan, key_block, form):
    """A secret of many lines."""
    repo.add("app.env", "\n".join(["GITHUB_APP_ID=123456", *key_block]) + "\n")
    result = secretscan("staged", "--format", form)
    assert result.code == 1
    assert not any(line in result.out for line in key_block[1:-1])


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("form", FORMATS)
def test_output_that_cannot_be_written(secretscan, form):
    """One line, exit code 2."""
    result = secretscan("scan", "--format", form, "--output", "no/such/folder/report")
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert "no/such/folder/report: cannot be written" in result.err


def test_output_onto_a_full_disk(folder, secretscan, token):
    """Standard output that cannot be written is no clean scan."""
    (folder / "a.py").write_text(f"key = '{token(RULE)}'\n")
    result = secretscan("scan", "--output", "/dev/full")
    assert (result.code, result.err.count("\n")) == (2, 1)


def test_escape_sequences_in_names_and_lines(folder, secretscan, token):
    """What is printed does not steer the terminal."""
    (folder / "a\x1b[31m.py").write_text(f"\x1b[2J key = '{token(RULE)}'\n")
    result = secretscan("scan")
    assert result.code == 1
    assert "\x1b" not in result.out
