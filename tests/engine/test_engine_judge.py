"""What becomes of a span: entropy, placeholders, second parts, and patterns that do not come to an end."""

import pytest

from secretscan.engine import confirm, parts
from secretscan.engine.randomness import is_placeholder, shannon
from secretscan.engine.scan import Engine, Timeout
from secretscan.model import Candidate, Part

KEY = r"key=(?P<secret>[A-Za-z0-9_*.-]{4,40})"


@pytest.fixture
def values(plain, make_rule):
    """Gives a function that gives the values found with KEY and whatever else a rule has."""

    def found(text: bytes, **changes: object) -> list[bytes]:
        return [candidate.value for candidate in plain(make_rule("acme-key", KEY, "key=", **changes)).scan(text)]

    return found


def test_a_value_must_be_random_enough(values):
    """The entropy of a rule is the least that passes, in bits a character."""
    assert values(b"key=aabbccdd", entropy=2.0) == [b"aabbccdd"]
    assert values(b"key=aabbccdd", entropy=2.01) == []
    assert values(b"key=aaaaaaa1") == [b"aaaaaaa1"]


@pytest.mark.parametrize(("value", "bits"), [(b"", 0), (b"aaaa", 0), (b"ab", 1), (b"abcd", 2), (bytes(range(256)), 8)])
def test_entropy_is_shannons(value, bits):
    """Nothing for one character, eight bits where all bytes are equally many."""
    assert shannon(value) == bits


@pytest.mark.parametrize(
    "value",
    [
        b"EXAMPLEkey9",
        b"your_key_42",
        b"q1w2_CHANGEME",
        b"xxxxxxxxxxxx",
        b"k2-00000000-k2",
        b"abcdefgh",
        b"Z12345678",
        b"k.....k",
    ],
)
def test_placeholders_are_no_secrets(values, value):
    """Words for it, one character again and again, and sequences were written to be replaced."""
    assert is_placeholder(value)
    assert values(b"key=" + value) == []


@pytest.mark.parametrize("value", [b"k9Zq0000000x", b"abcdefg9", b"1234567x", b"xxxxBx9q", b"9f86d081884c7d65"])
def test_what_may_be_chance_is_no_placeholder(values, value):
    """Seven in a row are still a secret."""
    assert values(b"key=" + value) == [value]


def test_the_inside_of_a_long_block_is_no_placeholder():
    """A key may hold any run of characters and any word by chance: only its checksum judges it."""
    assert not is_placeholder(b"MIIE" + b"A" * 300 + b"fake")


@pytest.mark.parametrize("value", [b"k{A-Za-z0-9:32}", b"{hex:20-40}"])
def test_a_field_of_a_template_is_no_secret(value):
    """Format strings, and the examples of rule files, are filled in later."""
    assert is_placeholder(value)
    assert not is_placeholder(value.replace(b":", b"="))


def test_a_group_without_part_in_the_match_is_no_secret(plain, make_rule):
    """An alternative that leaves the group out, and one in which it is empty, find nothing."""
    engine = plain(make_rule("acme-key", r"key=(?:none|(?P<secret>[0-9]{0,9}))", "key="))
    assert [c.value for c in engine.scan(b"key=none key= key=x key=123")] == [b"123"]


BESIDE = Part("other=[0-9]+", 2, "drop")


def lines(above: int | None, below: int | None, end: str) -> bytes:
    """A secret, and its second part so many lines above and below it."""
    text = [] if above is None else ["other=1", *[f"line {n}" for n in range(above - 1)]]
    text += ["a", "key=secret1"] if above is None else ["key=secret1"]
    text += ["b"] if below is None else [*[f"line {n}" for n in range(below - 1)], "other=2"]
    return end.join(["first", *text, "last", ""]).encode()


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("above", "below", "found"),
    [
        (1, None, 1),
        (2, None, 1),
        (3, None, 0),
        (None, 1, 1),
        (None, 2, 1),
        (None, 3, 0),
        (3, 2, 1),
        (2, 3, 1),
        (3, 3, 0),
        (None, None, 0),
    ],
)
def test_the_second_part_stands_within_its_lines(values, end, above, below, found):
    """Above or below, at exactly `within` lines it counts, one beyond it does not."""
    assert len(values(lines(above, below, end), requires=BESIDE)) == found


@pytest.mark.parametrize(
    "text", [b"other=7 key=secret1", b"key=secret1 other=7", b"key=secret1\nother=7", b"other=7\nkey=secret1"]
)
def test_the_second_part_may_come_first_or_last(values, text):
    """On the same line or the next, in either order, at both ends of a file."""
    assert values(text, requires=BESIDE._replace(within=1)) == [b"secret1"]


def test_the_second_part_on_the_same_line_only(values):
    """Within no lines means on the line itself."""
    part = BESIDE._replace(within=0)
    assert values(b"a\nother=7 key=secret1\nb", requires=part) == [b"secret1"]
    assert values(b"other=7\nkey=secret1\nother=7", requires=part) == []


def test_the_second_part_of_a_secret_of_many_lines(plain, make_rule):
    """Lines are counted from the first line of the secret upwards and from its last downwards."""
    engine = plain(make_rule("acme-block", r"(?P<secret>begin\n[a-z\n]+\nend)", "begin", BESIDE._replace(within=1)))
    block = b"begin\naq\nbw\nend"
    assert len(engine.scan(b"other=1\n" + block)) == len(engine.scan(block + b"\nother=1")) == 1
    assert engine.scan(b"other=1\n\n" + block + b"\n\nother=1") == []


@pytest.mark.parametrize(("otherwise", "confidence"), [("drop", []), ("low", ["low"]), ("medium", ["medium"])])
def test_what_becomes_of_a_secret_without_its_second_part(plain, make_rule, otherwise, confidence):
    """It is dropped, or less sure, as the rule says; with its part it is as sure as the rule."""
    engine = plain(make_rule("acme-key", KEY, "key=", BESIDE._replace(otherwise=otherwise)))
    assert [c.confidence for c in engine.scan(b"key=secret1")] == confidence
    assert [c.confidence for c in engine.scan(b"key=secret1 other=7")] == ["high"]


def test_a_checksum_that_does_not_fit_makes_it_low(plain, make_rule):
    """A made-up token is reported, but does not block."""
    engine = plain(make_rule("acme-key", r"(?P<secret>ghp_\w{10})", "ghp_", checksum="crc32-base62"))
    assert [c.confidence for c in engine.scan(b"ghp_aB3dE6gH9k")] == ["low"]


ENDLESS = r"(?P<secret>(?:\w+\s?)+#)"
HARD = b"key " * 2000 + b"!#"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pattern is given up after a tenth of a second."""
    for module in (confirm, parts):
        monkeypatch.setattr(module, "TIMEOUT", 0.1)


@pytest.mark.usefixtures("impatient")
def test_a_pattern_without_end_is_given_up(plain, make_rule):
    """The error names the rule, and nothing of the text."""
    with pytest.raises(Timeout, match=r"^the pattern of acme-endless took over \d s$"):
        plain(make_rule("acme-endless", ENDLESS, "key")).scan(HARD)


@pytest.mark.usefixtures("impatient")
def test_a_second_part_without_end_is_given_up(plain, make_rule):
    """The other pattern of a rule may not hang a commit either."""
    part = Part(r"(?:\w+\s?)+#", 1, "drop")
    with pytest.raises(Timeout, match="second part"):
        plain(make_rule("acme-key", KEY, "key=", part)).scan(b"key=secret1 " + HARD)


def test_a_candidate_does_not_show_its_value(make_rule):
    """Neither in a traceback nor in a log."""
    candidate = Candidate(make_rule("acme-key", KEY, "key="), 4, 11, b"secret1", "high")
    assert "secret1" not in repr([candidate])
    assert "acme-key" in repr(candidate)


def test_an_engine_can_be_used_again_after_a_timeout(plain, make_rule, monkeypatch):
    """What one blob did to it does not matter to the next."""
    engine: Engine = plain(make_rule("acme-endless", ENDLESS, "key"))
    with monkeypatch.context() as patch:
        patch.setattr(confirm, "TIMEOUT", 0.05)
        with pytest.raises(Timeout):
            engine.scan(HARD)
    assert [c.value for c in engine.scan(b" key word#")] == [b"key word#"]
