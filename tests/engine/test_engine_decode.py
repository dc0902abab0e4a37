"""What wraps a secret is undone, and spans are led back to exactly the wrapped characters."""

import base64
import random
import re
import time
from urllib.parse import quote

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from samples import base64_escaped, base64_lines, base64_of, base64_url, percent, percent_all, spread

from secretscan.engine import decode

TEXT = "name = 'value', größe: 12 €; and some more words to be told from noise\n"
MARKS = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff", "utf-32-le": b"\xff\xfe\0\0", "utf-32-be": b"\0\0\xfe\xff"}
ASCII = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=40, max_size=120)


@pytest.fixture
def find(plain, make_rule):
    """Gives a function that finds `tok_` and eight letters or digits, and gives the characters of each span."""
    engine = plain(make_rule("token", r"(?<![A-Za-z0-9])(?P<secret>tok_[A-Za-z0-9]{8})(?![A-Za-z0-9])", "tok_"))

    def found(data: bytes) -> list[bytes]:
        text = decode.to_text(data)
        candidates = engine.scan(text)
        assert all(candidate.value[:4] == b"tok_" for candidate in candidates)
        return [text[candidate.start : candidate.end] for candidate in candidates]

    return found


def token(number: int = 0) -> str:
    """A secret for `find`."""
    return "tok_" + "".join(random.Random(number).choices("ABCDEFGHabcdefgh01234567", k=8))


@pytest.mark.parametrize("encoding", MARKS)
@pytest.mark.parametrize("marked", [True, False])
def test_wide_encodings_become_text(encoding, marked):
    """UTF-16 and UTF-32 of both byte orders, with a byte order mark or without."""
    data = (MARKS[encoding] if marked else b"") + (TEXT * 100).encode(encoding)
    assert decode.to_text(data).decode() == TEXT * 100


@pytest.mark.parametrize(
    "data", [TEXT.encode(), TEXT.encode("latin-1", "replace"), b"\xef\xbb\xbfa", b"a\0b", b"\0" * 50, b""]
)
def test_what_is_not_wide_stays_as_it_is(data):
    """UTF-8, latin-1, a UTF-8 mark and stray NUL bytes are left alone, byte for byte."""
    assert decode.to_text(data) == data


@pytest.mark.parametrize("encoding", MARKS)
def test_a_broken_end_of_wide_text_is_no_error(encoding):
    """A file that was cut in the middle of a character is read up to there."""
    for size in range(1, 8):
        text = decode.to_text(MARKS[encoding] + TEXT.encode(encoding)[:-size])
        assert TEXT.encode().startswith(text.replace("\ufffd".encode(), b""))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", *MARKS])
def test_a_secret_in_any_encoding_is_found(find, encoding):
    """The span encloses the secret in the text."""
    assert find(f"größe = 1\r\nkey: {token()}\r\n".encode(encoding)) == [token().encode()]


@pytest.mark.parametrize("wrap", [percent, percent_all], ids=lambda wrap: wrap.__name__)
def test_percent_signs_are_undone(find, wrap):
    """A span leads back to the escaped characters, as many as there are, and no further."""
    wrapped = wrap(token())
    escaped = wrap("?&=") + wrapped + wrap("& ") + "x"
    assert find(f"see https://host/a?b={escaped} and".encode()) == [wrapped.encode()]


def test_a_plain_secret_beside_percent_signs_is_found_once(find):
    """What stands unescaped in an escaped run is the same finding as the text itself gives."""
    assert find(f"GET /a%20b?key={token()}&c=%21".encode()) == [token().encode()]


def holding(encoded: str, before: bytes, secret: bytes) -> str:
    """The characters of `encoded` (which may have line ends) that hold the bits of `secret` behind `before`."""
    kept = [place for place, character in enumerate(encoded.replace("\\n", "\n\n")) if character != "\n"]
    first, last = len(before) * 8 // 6, ((len(before) + len(secret)) * 8 - 1) // 6
    return encoded[kept[first] : kept[last] + 1]


@pytest.mark.parametrize("wrap", [base64_of, base64_url, base64_lines, base64_escaped], ids=lambda wrap: wrap.__name__)
@pytest.mark.parametrize("lead", range(4))
@pytest.mark.parametrize("tail", range(3))
def test_base64_is_undone(find, wrap, lead, tail):
    """A span leads back to the characters that hold the secret's bits, at every alignment and over line ends."""
    before = "user = somebody at home, password " + "?" * 40 + " " * lead
    wrapped = wrap(before + token() + " " * (tail + 30))
    expected = holding(wrapped, before.encode(), token().encode())
    for text in (f'data: "{wrapped}"\n', wrapped, f"\n{wrapped}\n", f"<a>{wrapped.strip()}</a>"):
        assert find(text.encode()) == [expected.encode()]


def test_base64_of_both_alphabets_in_a_row_is_no_error(find):
    """Base64 without padding, and on the next line a path and a name with `_`: the secret is found all the same."""
    for length in range(60, 68):
        wrapped = base64_url("x = 'some text > ???' " + token() + "." * length)
        assert len(find(f"{wrapped}\nSOME_LONG_NAME_OF_A_THING/and/a/path+more\n".encode())) == 1


def test_wide_text_in_base64_leads_back_to_the_whole_run(find):
    """What is re-encoded inside of Base64 has no character of its own; all of it is the place."""
    inside = b"some plain text in front, then: " + (("." * 200) + f" {token()} ").encode("utf-16-le")
    wrapped = base64.b64encode(inside)
    assert find(b'"' + wrapped + b'"') == [wrapped]


def test_nul_bytes_are_undone(find):
    """Stray NUL bytes, and wide strings in binary files: the span goes from the first to the last character."""
    assert find(b"\x7fELF\x01\x02" + b"\xfe" * 40 + spread(token()).encode() + b"\xff" * 40) == [
        spread(token()).encode()[:-1]
    ]
    assert find(f"key {token()}\0".encode()) == [token().encode()]
    stray = token()[:6] + "\0" + token()[6:]
    assert find(f"a line = {stray} and a tail\n".encode()) == [stray.encode()]


def wrapped_times(times: int) -> bytes:
    """A secret in Base64 that many times."""
    data = f"the key of today is {token()} and no other".encode()
    for _ in range(times):
        data = base64.b64encode(data)
    return data


def test_wrappings_are_undone_to_a_depth(find):
    """Three wrappings inside each other are undone and no more, so that a scan has an end."""
    assert [len(find(wrapped_times(times))) for times in range(6)] == [1, 1, 1, 1, 0, 0]
    assert decode.DEPTH == 3


def test_wrappings_of_different_kinds_inside_each_other(find):
    """Percent signs in Base64 in percent signs, and wide text around Base64."""
    inner = base64_of(f"https://host/cb?x=%3F&key={percent_all(token())}&y=%20 and so on")
    assert len(find(f"next={quote(quote(inner), safe='')}%20".encode())) == 1
    assert len(find(f"data: {inner}\n".encode("utf-16"))) == 1


@given(ASCII.filter(lambda text: "\\" not in text), st.data())
def test_offsets_of_percent_lead_back(text, data):
    """Whatever is escaped: the outer span, decoded, is the inner span."""
    chosen = data.draw(st.lists(st.booleans(), min_size=len(text), max_size=len(text)))
    escaped = "".join(
        f"%{ord(c):02X}" if yes or c in '% "<>[]^`{|}' else c for c, yes in zip(text, chosen, strict=True)
    )
    checked = 0
    for layer in decode.percent(escaped.encode()):
        start = data.draw(st.integers(0, len(layer.data) - 1))
        end = data.draw(st.integers(start + 1, len(layer.data)))
        first, last = layer.outer(start, end)
        part = escaped[first:last]
        assert decoded_percent(part) == layer.data[start:end]
        checked += 1
    assert checked == ("%" in escaped)


def decoded_percent(part: str) -> bytes:
    """What a text with two digits behind each percent sign says."""
    pieces = part.split("%")
    return pieces[0].encode() + b"".join(bytes((int(p[:2], 16),)) + p[2:].encode() for p in pieces[1:])


@given(ASCII, st.sampled_from((base64_of, base64_url, base64_lines, base64_escaped)), st.data())
def test_offsets_of_base64_lead_back(text, wrap, data):
    """The outer span has exactly the characters that hold the inner span's bits."""
    wrapped = wrap(text)
    assume(re.search(r"[A-Za-z0-9]{24}", wrapped))  # less is not looked at: see LONG_WORD
    layers = [*decode.base64_text(f"= {wrapped}".encode())]
    assert [layer.data.decode() for layer in layers] == [text]
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    first, last = layers[0].outer(start, end)
    assert f"= {wrapped}"[first:last] == holding(wrapped, text[:start].encode(), text[start:end].encode())


@given(st.lists(st.sampled_from((b"\0", b"a", b"bc", b"\n", b"\0\0")), min_size=1).map(b"".join), st.data())
def test_offsets_without_nul_lead_back(text, data):
    """The outer span begins and ends with the inner span's first and last byte."""
    layer = decode.without_nul(text)
    assert b"\0" not in layer.data
    if layer.data:
        start = data.draw(st.integers(0, len(layer.data) - 1))
        end = data.draw(st.integers(start + 1, len(layer.data)))
        part = slice(*layer.outer(start, end))
        assert text[part].replace(b"\0", b"") == layer.data[start:end]
        assert text[part].strip(b"\0") == text[part]


LUMPS = st.sampled_from(
    (
        b"%4",
        b"%41",
        b"%",
        b"=",
        b"\xff\xfe",
        b"\0\0\xfe\xff",
        b"\0",
        b"tok_",
        b"eyJ",
        b"aGVsbG8g" * 6,
        b"Zm9vL2Jh_-+/" * 4,
        b"\\n",
    )
)
GARBAGE = st.one_of(
    st.binary(max_size=300), st.lists(st.one_of(LUMPS, st.binary(max_size=20)), max_size=30).map(b"".join)
)


@settings(max_examples=400)
@given(GARBAGE)
def test_garbage_is_decoded_without_an_error(data):
    """Any bytes may come: nothing raises, all is repeatable, and every span lies inside the bytes."""
    assert decode.to_text(data) == decode.to_text(data)
    for unwrap in (decode.percent, decode.base64_text, lambda data: [decode.without_nul(data)]):
        layers = [*unwrap(data)]
        assert [layer.data for layer in layers] == [layer.data for layer in unwrap(data)]
        for layer in layers:
            for end in range(1, len(layer.data) + 1):
                first, last = layer.outer(end - 1, end)
                assert 0 <= first < last <= len(data)


@settings(max_examples=200)
@given(GARBAGE)
def test_garbage_is_scanned_without_an_error(engine, data):
    """Any bytes may come: two scans say the same, about places that exist, from left to right."""
    text = decode.to_text(data)
    found = engine.scan(text)
    assert found == engine.scan(text)
    places = [place for candidate in found for place in (candidate.start, candidate.end)]
    assert places == sorted(places)
    assert all(0 <= place <= len(text) for place in places)


@pytest.mark.parametrize("between", [b"", b"/", b"-", b"\n", b"\\n"])
def test_a_long_line_of_base64_takes_no_longer_than_its_length_asks_for(between):
    """A large picture inside one line of HTML or JSON is looked through once, not once a word."""
    chance = random.Random(1)
    line = between.join(base64.b64encode(chance.randbytes(45)) for _ in range(4_000))
    began = time.process_time()
    list(decode.base64_text(line))
    assert time.process_time() - began < 3
