"""Findings say where they are in characters, and show nothing of a secret."""

import random
import string
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretscan.engine import confirm
from secretscan.model import Blob, Finding, Origin, Rule, Skipped, redact
from secretscan.policy.config import Config
from secretscan.policy.policy import Policy
from secretscan.ruleset.cache import Ruleset
from secretscan.scanner import Scanner

TOKEN = Rule(
    id="acme-token",
    name="Acme Token",
    provider="acme",
    pattern=r"(?<![A-Za-z0-9])(?P<secret>acme_[A-Za-z0-9]{12})(?![A-Za-z0-9])",
    wide=(),
    keywords=("acme_",),
    confidence="high",
    entropy=0.0,
    checksum="",
    requires=None,
    overrides=(),
    file="acme.toml",
)
BLOCK = TOKEN._replace(
    id="acme-block", pattern=r"(?P<secret>BEGIN ACME\r?\n[\s\S]{1,200}?\nEND ACME)", keywords=("begin acme",)
)
ENDLESS = TOKEN._replace(id="acme-endless", pattern=r"(?P<secret>(?:\w+\s?)+#)", keywords=("endless",))


def token(number: int = 1) -> str:
    """A secret of the rule TOKEN."""
    return "acme_" + "".join(random.Random(number).choices("ABCDEFGHJKLMNPQRSTabcdefghjkmnpqrst23456789", k=12))


@pytest.fixture
def new_scanner() -> Callable[..., Scanner]:
    """Gives a function that makes a scanner of the rules above, with a configuration."""

    def make(config: Config | None = None, *rules: Rule) -> Scanner:
        chosen = rules or (TOKEN, BLOCK)
        return Scanner(Ruleset(len(chosen), (), lambda: chosen), Policy(config or Config(), bytes))

    return make


@pytest.fixture
def locate(new_scanner) -> Callable[..., list[Finding]]:
    """Gives a function that gives what is in some bytes."""
    return lambda data: new_scanner().locate(Blob(data, Origin("a.txt")))


def place(finding: Finding) -> tuple[int, int, int, int]:
    """Where a finding begins and ends."""
    return finding.line, finding.column, finding.end_line, finding.end_column


SIZE = len(token())


@pytest.mark.parametrize(
    ("before", "line", "column"),
    [
        ("", 1, 1),
        ("\n", 2, 1),
        ("a\r\nb = ", 2, 5),
        ("größe €\tß = ", 1, 13),
        ("\t\t", 1, 3),
        ("🔑🔑 ", 1, 4),
        ("e\u0301 ", 1, 4),
        ("\ufeff", 1, 1),
        ("\ufeffkey: ", 1, 6),
        ("\ufeff\n\n  ", 3, 3),
        ("x\n" * 5000, 5001, 1),
        ("a\x0b\x0c\x85\u2028 ", 1, 7),
        ("a\rb ", 1, 5),
    ],
)
def test_lines_and_columns_count_characters(locate, before, line, column):
    """Lines end with a line feed alone; a tab is one character, so is a letter of many bytes; a byte order mark is none."""
    (finding,) = locate(f"{before}{token()} and more\n".encode())
    assert place(finding) == (line, column, line, column + SIZE)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be", "utf-8-sig"])
def test_columns_of_wide_text(locate, encoding):
    """They are the same characters in every encoding."""
    (finding,) = locate(f"eins = 1\r\ngrößer = '{token()}'\r\n".encode(encoding))
    assert place(finding) == (2, 11, 2, 11 + SIZE)


def test_columns_of_what_is_no_text_count_bytes(locate):
    """Where a line is not UTF-8, each byte counts; the lines around it do not matter."""
    data = f"größe\ngröße = {token()}\n".encode("latin-1") + f"größe = {token(2)}\n".encode()
    assert [place(finding) for finding in locate(data)] == [(2, 9, 2, 9 + SIZE), (3, 9, 3, 9 + SIZE)]
    (finding,) = locate("ß\xff".encode("latin-1") + "ßß".encode() + token().encode())
    assert place(finding) == (1, 7, 1, 7 + SIZE)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_secret_of_many_lines(locate, end):
    """Its end is on its last line, in characters of that line."""
    block = end.join(["BEGIN ACME", "größe", "ßßß", "END ACME"])
    (finding,) = locate(f"a{end}{end}  key = {block} # end{end}".encode())
    assert place(finding) == (3, 9, 6, 9)
    assert finding.value == block.encode()
    assert finding.text == "  key = BEGI…(redacted) # end"


def test_a_secret_on_the_last_line_without_end(locate):
    """Nothing behind it is needed."""
    (finding,) = locate(f"a\n{token()}".encode())
    assert (place(finding), finding.text) == ((2, 1, 2, 1 + SIZE), "acme…(redacted)")


def test_the_line_is_shown_without_the_secret(locate):
    """What stands around it stays, without the line's end; each secret on the line is redacted in each finding."""
    findings = locate(f"x\n\tone = '{token(1)}', two = '{token(2)}'  # größe\r\ny".encode())
    assert [finding.text for finding in findings] == ["\tone = 'acme…(redacted)', two = 'acme…(redacted)'  # größe"] * 2


def test_a_long_line_is_cut(locate):
    """Two hundred bytes on each side are enough, also in the middle of a character."""
    (finding,) = locate(f"{'ß' * 5000} {token()} {'x' * 5000}".encode())
    assert len(finding.text) < 450
    assert "acme…(redacted) xxx" in finding.text
    assert finding.column == 5002


def test_a_wrapped_secret_is_redacted_as_it_is_wrapped(locate):
    """The shown line holds neither the secret nor its encoded form; the span encloses that."""
    wrapped = token().replace("acme_", "acme%5F")
    (finding,) = locate(f"url: https://host/?a=%20&k={wrapped}&b=1\n".encode())
    assert finding.value == token().encode()
    assert finding.text == "url: https://host/?a=%20&k=acme…(redacted)&b=1"
    assert place(finding) == (1, 28, 1, 28 + len(wrapped))


def test_a_secret_that_stands_there_again_without_being_found(locate):
    """Glued to a letter it is no finding, but it is the same secret."""
    (finding,) = locate(f"a = {token()}; b = x{token()}; c = {token()}y".encode())
    assert finding.text == "a = acme…(redacted); b = xacme…(redacted); c = acme…(redacted)y"


GLUE = st.sampled_from((" ", "\n", "\r\n", "x", "=", "'", "ß", "\0", "", "%20", "-" * 150, "q" * 250))


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(GLUE, st.integers(1, 4), GLUE), max_size=12))
def test_no_shown_line_holds_a_found_secret(pieces):
    """However many stand beside, behind or inside of each other."""
    text = "".join(f"{left}{token(number)}{right}" for left, number, right in pieces)
    rules = (TOKEN, BLOCK)
    scanner = Scanner(Ruleset(2, (), lambda: rules), Policy(Config(), bytes))
    findings = scanner.locate(Blob(text.encode(), Origin("a.txt")))
    found = {finding.value.decode() for finding in findings}
    assert not any(secret in finding.text for finding in findings for secret in found)
    assert not any(secret in repr(findings) for secret in found)


def test_a_finding_does_not_show_its_value(locate):
    """Neither in a traceback nor in a log; where it is can be seen."""
    (finding,) = locate(f"k = {token()}".encode())
    assert repr([finding]) == "[Finding(acme-token, a.txt:1:5)]"
    assert finding.value == token().encode()


@pytest.mark.parametrize(
    "value", [b"", b"abc", b"abcd", b"abcdefgh", b"a\nbcdefghijk", "ßßßßßßßß".encode(), b"\xff" * 9, b"a" * 4000]
)
def test_redacted_shows_a_quarter_at_most(value):
    """Never more than four characters, never a line end."""
    shown = redact(value).removesuffix("…(redacted)")
    assert len(shown) <= min(4, len(value.decode("utf-8", "replace")) // 4)
    assert "\n" not in shown
    assert value.decode("utf-8", "replace").startswith(shown)


def test_what_a_finding_says_of_its_rule_and_blob(new_scanner):
    """The rule's names, and the origin's, as they are."""
    origin = Origin("a/b.txt", "blob", "1" * 40, "2" * 40)
    (finding,) = new_scanner().locate(Blob(token().encode(), origin))
    assert (finding.rule_id, finding.rule_name, finding.provider, finding.confidence) == (
        "acme-token", "Acme Token", "acme", "high",
    )  # fmt: skip
    assert (finding.path, finding.kind, finding.blob, finding.commit) == ("a/b.txt", "blob", "1" * 40, "2" * 40)


@pytest.mark.parametrize(
    ("extra", "allowed"),
    [("# secretscan:ignore acme-token a test value", True), ("# secretscan:ignore other x", False)],
)
def test_a_comment_on_the_line_allows_it(new_scanner, extra, allowed):
    """The finding says so, and the policy lets it pass and counts it."""
    scanner = new_scanner()
    found = list(scanner.scan([Blob(f"k = {token()} {extra}\n".encode(), Origin("a"))]))
    assert (len(found), scanner.allowed) == (0, 1) if allowed else (1, 0)


def test_a_rule_that_is_off_finds_nothing(new_scanner):
    """Nor does it count as allowed."""
    scanner = new_scanner(Config(disable=("acme-token",)))
    assert list(scanner.scan([Blob(token().encode(), Origin("a"))])) == []
    assert scanner.allowed == 0


def test_what_was_covered_is_counted(new_scanner):
    """Files, bytes and lines; names and messages are scanned but are no files. A last line needs no end."""
    scanner = new_scanner()
    contents = (b"a\nb\n", b"a\nb", b"", b"\n", token().encode())
    blobs = [Blob(data, Origin(f"{number}")) for number, data in enumerate(contents)]
    found = list(scanner.scan([*blobs, Blob(token().encode(), Origin("x", "file-name"))]))
    assert [finding.path for finding in found] == ["4", "x"]
    report = scanner.report(found)
    assert report.stats[:4] == (5, 5, 4 + 3 + 0 + 1 + SIZE, 2 + 2 + 0 + 1 + 1)
    assert report.rules == 2


def test_what_is_skipped_is_listed(new_scanner):
    """What a source could not read, and what the configuration leaves out: with the reason, and the scan goes on."""
    scanner = new_scanner(Config(exclude=("vendor/",), where=".secretscan.toml"))
    blobs = [
        Skipped("big.bin", None, "larger than 50 MB"),
        Blob(token().encode(), Origin("vendor/a")),
        Blob(token().encode(), Origin("b")),
    ]
    assert [finding.path for finding in scanner.scan(blobs)] == ["b"]
    assert scanner.skipped == [
        Skipped("big.bin", None, "larger than 50 MB"),
        Skipped("vendor/a", None, "excluded by .secretscan.toml"),
    ]


def test_a_pattern_that_takes_for_ever_ends_as_skipped(new_scanner, monkeypatch):
    """The blob is listed with its reason, nothing of it is passed as clean, and the next blob is scanned."""
    monkeypatch.setattr(confirm, "TIMEOUT", 0.1)
    scanner = new_scanner(None, TOKEN, ENDLESS)
    hard = Blob(b"endless " * 2000 + b"!#", Origin("hard.txt", "blob", "3" * 40))
    assert [finding.path for finding in scanner.scan([hard, Blob(token().encode(), Origin("b"))])] == ["b"]
    assert scanner.skipped == [Skipped("hard.txt", "3" * 40, "the pattern of acme-endless took over 0 s")]


def test_the_report_has_one_order(new_scanner):
    """By path and place, in whichever order the blobs came."""
    texts = {"b": f"{token(1)} {token(2)}\n{token(3)}", "a": token(4), "ä": token(5)}
    blobs = [Blob(text.encode(), Origin(path)) for path, text in texts.items()]
    reports = [new_scanner().report(new_scanner().scan(order)).findings for order in (blobs, blobs[::-1])]
    assert reports[0] == reports[1]
    assert [(f.path, f.line, f.column) for f in reports[0]] == [
        ("a", 1, 1),
        ("b", 1, 1),
        ("b", 1, SIZE + 2),
        ("b", 2, 1),
        ("ä", 1, 1),
    ]


@settings(deadline=None, max_examples=100)
@given(st.text(string.printable + "ß€\ufeff", max_size=40), st.text(string.printable + "ß€", max_size=40))
def test_the_place_leads_back_to_the_secret(before, after):
    """Line and columns, counted in the text as an editor shows it, enclose exactly the secret."""
    text = f"{before} {token()} {after}"
    rules = (TOKEN,)
    findings = Scanner(Ruleset(1, (), lambda: rules), Policy(Config(), bytes)).locate(Blob(text.encode(), Origin("a")))
    (finding,) = findings
    line = text.split("\n")[finding.line - 1].lstrip("\ufeff")
    assert line[finding.column - 1 : finding.end_column - 1] == token()
