"""`secretscan message`: a commit message is read before the commit is made."""

import pytest

RULE = "circleci-personal-api-token"
SCISSORS = "# ------------------------ >8 ------------------------\n"


@pytest.fixture
def message(repo, secretscan):
    """Scans a message as git's hook does; the result with its report as JSON."""

    def scan(text, *args):
        path = repo.write(".git/COMMIT_EDITMSG", text)
        return secretscan("message", "--format", "json", *args, str(path))

    return scan


def test_clean_message(message):
    """Nothing to say."""
    result = message("subject\n\nbody\n")
    assert (result.code, result.findings, result.skipped, result.err) == (0, [], {}, "")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1"])
def test_secret_in_a_message(message, token, encoding):
    """Told at its line, in any encoding."""
    result = message(f"süß\n\nuse {token(RULE)}\n".encode(encoding))
    assert (result.code, result.err) == (1, "")
    assert [(found["rule_id"], found["line"], found["column"]) for found in result.findings] == [(RULE, 3, 5)]
    assert result.findings[0]["exposure"] == "staged"


def test_what_git_puts_behind_the_scissors(message, token):
    """`git commit --verbose` shows the change below the message; that is no part of it."""
    assert message(f"subject\n{SCISSORS}# Everything below it will be ignored.\n-key = '{token(RULE)}'\n").code == 0


def test_scissors_inside_a_line(message, token):
    """Only a line of git's own cuts the message off."""
    assert message(f"subject\n\nquoting {SCISSORS.strip('# ')}use {token(RULE)}\n").code == 1


@pytest.mark.usefixtures("repo")
def test_message_that_is_not_there(secretscan):
    """One line and exit code 2."""
    result = secretscan("message", "gone")
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert "gone: cannot be read" in result.err


def test_allowed_by_the_committed_settings(repo, message, token):
    """The policy is that of HEAD."""
    repo.save(".secretscan.toml", f'disable = ["{RULE}"]\n')
    assert message(f"use {token(RULE)}\n").code == 0


def test_inline_ignore(message, token):
    """A comment in the message allows the secret on its line."""
    result = message(f"revoked {token(RULE)} secretscan:ignore {RULE} revoked in May\n")
    assert (result.code, result.findings) == (0, [])


def test_through_a_hook(repo, token):
    """`git commit` is stopped before there is a commit."""
    before = repo.save("a.py", "x = 1\n")
    repo.hook("commit-msg", "message")
    repo.add("a.py", "x = 2\n")
    assert RULE in repo.git("commit", "-m", f"use {token(RULE)}", check=False)
    assert repo.git("rev-parse", "HEAD") == before
    repo.git("commit", "-q", "-m", "use the vault")
    assert repo.git("rev-parse", "HEAD^") == before


def test_verbose_commit_through_a_hook(repo, token):
    """A change that takes a secret away is not stopped because git shows it below the message."""
    repo.save("a.py", f"key = '{token(RULE)}'\n")
    repo.hook("commit-msg", "message")
    repo.add("a.py", "x = 2\n")
    editor = repo.write("../editor", '#!/bin/sh\n{ echo remove the key; cat "$1"; } >"$1.new" && mv "$1.new" "$1"\n')
    editor.chmod(0o755)
    repo.git("commit", "-q", "--verbose", GIT_EDITOR=str(editor))
    assert repo.git("log", "-1", "--format=%s") == "remove the key"
