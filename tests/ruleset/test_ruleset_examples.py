"""Templates become texts with made-up secrets, always the same for a seed."""

import base64
import json
import re
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretscan.errors import RuleError
from secretscan.ruleset.examples import ALPHABETS, fill

SHAPES = {
    "{A-Za-z0-9:32}": r"[A-Za-z0-9]{32}",
    "{hex:40}": r"[0-9a-f]{40}",
    "{HEX:40}": r"[0-9A-F]{40}",
    "{base58:22}": r"[1-9A-HJ-NP-Za-km-z]{22}",
    "{digits:12}": r"[0-9]{12}",
    "{alnum:8}": r"[0-9A-Za-z]{8}",
    "{base62:8}": r"[0-9A-Za-z]{8}",
    "{lower:8}": r"[a-z]{8}",
    "{upper:8}": r"[A-Z]{8}",
    "{base32:16}": r"[A-Z2-7]{16}",
    "{base64:40}": r"[A-Za-z0-9+/]{40}",
    "{base64url:86}": r"[A-Za-z0-9_-]{86}",
    "{A-Za-z0-9_-:50}": r"[A-Za-z0-9_-]{50}",
    "{-._:50}": r"[-._]{50}",
    "{a:3}": r"aaa",
    "{hex:20-40}": r"[0-9a-f]{20,40}",
    "{uuid}": r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    "{{}}": r"\{\}",
    "{{{hex:2}}}": r"\{[0-9a-f]{2}\}",
    "{jwt}": r"eyJ[A-Za-z0-9_-]+\.eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}",
    "{pem:EC KEY}": r"-----BEGIN EC KEY-----\n([A-Za-z0-9+/]{64}\n)+[A-Za-z0-9+/]*=*\n-----END EC KEY-----",
    "{pem1:PRIVATE KEY}": r"-----BEGIN PRIVATE KEY-----(\\n[A-Za-z0-9+/=]+)+\\n-----END PRIVATE KEY-----\\n",
    "{pem:PGP KEY}": r"-----BEGIN PGP KEY-----\n\n[A-Za-z0-9+/=\n]+\n-----END PGP KEY-----",
    "plain text": "plain text",
    "": "",
}


@pytest.mark.parametrize("template", SHAPES)
def test_each_placeholder_becomes_what_the_readme_says(template):
    """Always of its alphabet and length, and where it is random, not always the same."""
    texts = {fill(template, seed=str(number)).text for number in range(20)}
    for text in texts:
        assert re.fullmatch(SHAPES[template], text), text
    random = {"{{}}", "plain text", "", "{a:3}"}
    assert (len(texts) > 10) == (template not in random)


def test_a_random_length_takes_both_its_ends():
    """The least and the most length are among the lengths."""
    lengths = {len(fill("{hex:3-6}", seed=str(number)).text) for number in range(100)}
    assert lengths == {3, 4, 5, 6}


@pytest.mark.parametrize("name", sorted(ALPHABETS))
def test_every_character_of_an_alphabet_is_used(name):
    """Nothing of an alphabet is left out, nothing stands in it twice."""
    assert set(fill(f"{{{name}:5000}}", seed=name).text) == set(ALPHABETS[name])
    assert len(set(ALPHABETS[name])) == len(ALPHABETS[name])


def test_base64_of_a_text():
    """Both alphabets; the one for URLs without padding."""
    assert fill("{b64:a:b?>~}", seed="").text == base64.b64encode(b"a:b?>~").decode()
    assert fill("{b64url:xx?>~>}", seed="").text == base64.urlsafe_b64encode(b"xx?>~>").decode()
    assert fill("{b64url:a}", seed="").text == "YQ"


def test_a_token_with_a_payload_of_ones_own():
    """The payload may hold braces."""
    text = fill('{jwt:{"iss":"x","sub":"y"}}', seed="1").text
    header, payload, _ = (base64.urlsafe_b64decode(part + "==") for part in text.split("."))
    assert json.loads(header) == {"alg": "HS256", "typ": "JWT"}
    assert json.loads(payload) == {"iss": "x", "sub": "y"}


def test_a_key_block_is_well_formed_outside():
    """A DER sequence whose length is that of the block."""
    lines = fill("{pem:RSA PRIVATE KEY}", seed="1").text.split("\n")
    der = base64.b64decode("".join(lines[1:-1]))
    assert der[:2] == b"\x30\x82"
    assert int.from_bytes(der[2:4], "big") == len(der) - 4


@pytest.mark.parametrize(
    "template", ["k = '«ghp_{base62:30}{checksum}»'", "ghp_{base62:30}{checksum}", "«npm_{hex:30}{checksum}»"]
)
def test_a_checksum_covers_the_secret_and_not_what_stands_before(template):
    """CRC32 of what stands behind the prefix, in six digits of base 62."""
    filled = fill(template, seed="1", checksum="crc32-base62")
    token = filled.text[filled.start : filled.end] if filled.end > 0 else filled.text
    body, check = token[4:-6], token[-6:]
    number = 0
    for digit in check:
        number = number * 62 + ALPHABETS["base62"].index(digit)
    assert number == zlib.crc32(body.encode())


def test_a_checksum_of_the_whole_secret_begins_at_its_mark():
    """GitLab's covers the prefix too, but nothing of the text around."""
    alone, inside = (
        fill(template, seed="1", checksum="gitlab-routable")
        for template in ("glpat-{hex:9}{checksum}", "k=«glpat-{hex:9}{checksum}»;")
    )
    assert inside.text[inside.start : inside.end] == alone.text


def test_the_marks_enclose_the_secret():
    """The span is in characters of the text, in which the marks are no more."""
    filled = fill("größe «ß{hex:4}ß» end", seed="1")
    assert filled.text[filled.start : filled.end] == "ß" + filled.text[7:11] + "ß"
    assert filled.text.startswith("größe ß")
    assert "«" not in filled.text


def test_without_marks_there_is_no_span():
    """Both ends are -1."""
    assert fill("{hex:4}", seed="1")[1:] == (-1, -1)


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("{nothing}", "{nothing} is not known"),
        ("{}", "{} is not known"),
        ("{:5}", "{:5} is not known"),
        ("{hex}", "{hex} is not known"),
        ("{hex:}", "{hex:} is not known"),
        ("{hex:x}", "{hex:x} is not known"),
        ("{checksum}", "a rule whose checksum adds characters"),
    ],
)
def test_a_placeholder_that_is_not_known(template, problem):
    """The error shows it and says where to read."""
    with pytest.raises(RuleError, match=re.escape(problem)) as raised:
        fill(template, seed="1")
    assert raised.value.exit_code == 2
    assert "\n" not in str(raised.value)


TEMPLATES = st.lists(st.sampled_from((*SHAPES, "«", "»", " = ", '"', "é"))).map("".join)


@given(TEMPLATES, st.text(max_size=5))
def test_the_seed_alone_decides(template, seed):
    """Twice the same seed gives twice the same text and span."""
    assert fill(template, seed=seed) == fill(template, seed=seed)


@given(st.text("ab {}«»:é-5", max_size=12))
def test_any_template_is_filled_or_refused(template):
    """Nothing but a RuleError comes of a strange template; a span lies in its text."""
    try:
        text, start, end = fill(template, seed="1")
    except RuleError:
        return
    assert -1 <= start <= len(text)
    assert -1 <= end <= len(text)
