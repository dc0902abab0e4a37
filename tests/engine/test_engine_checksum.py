"""Offline checks: what was issued fits, what was made up or mistyped does not."""

import base64
import json
import random
import shutil
import subprocess
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretscan.engine.checksum import CHECKS, fits
from secretscan.ruleset.examples import ALPHABETS, fill
from secretscan.ruleset.schema import CHECKSUMS

SEEDS = range(30)


def filled(template: str, seed: object, checksum: str = "") -> bytes:
    """A filled template."""
    return fill(template, seed=str(seed), checksum=checksum).text.encode()


def changed(secret: bytes, place: int, alphabet: str) -> bytes:
    """The secret with one character replaced by another of the alphabet."""
    old = chr(secret[place])
    other = random.Random(f"{secret!r}{place}").choice([c for c in alphabet if c != old])
    return secret[:place] + other.encode() + secret[place + 1 :]


def test_rule_files_may_name_each_check_and_no_other():
    """The schema and the engine know the same names."""
    assert set(CHECKSUMS) == set(CHECKS)


def test_a_rule_without_a_check_lets_all_pass():
    """No name, no check."""
    assert fits("", b"anything")


@pytest.mark.parametrize(
    "template", ["ghp_{base62:30}{checksum}", "npm_{base62:30}{checksum}", "gh_x_{base62:30}{checksum}"]
)
@pytest.mark.parametrize("seed", SEEDS)
def test_the_crc32_of_github_and_npm(template, seed):
    """A completed token fits; with one character changed, wherever behind the prefix, it does not."""
    token = filled(template, seed, "crc32-base62")
    assert fits("crc32-base62", token)
    start = token.rindex(b"_") + 1
    for place in range(start, len(token)):
        assert not fits("crc32-base62", changed(token, place, ALPHABETS["base62"])), place


def test_the_crc32_is_written_in_six_digits():
    """Computed by hand: CRC32 of what stands behind the prefix, base 62 with 0-9A-Za-z, padded with zeros."""
    assert fits("crc32-base62", b"ghp_" + b"a" + digits(zlib.crc32(b"a"), ALPHABETS["base62"], 6))
    short = next(n for n in range(10**6) if zlib.crc32(str(n).encode()) < 62**4)
    assert fits(
        "crc32-base62", f"ghp_{short}".encode() + digits(zlib.crc32(str(short).encode()), ALPHABETS["base62"], 6)
    )


def digits(number: int, alphabet: str, width: int) -> bytes:
    """The number in the base of the alphabet's length."""
    base = len(alphabet)
    return "".join(alphabet[number // base**place % base] for place in reversed(range(width))).encode()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_crc32_of_gitlab(seed):
    """GitLab's routable tokens: over all before the last seven characters, in base 36."""
    token = filled("glpat-{base64url:27}.01.{hex:2}{checksum}", seed, "gitlab-routable")
    assert fits("gitlab-routable", token)
    assert token[-7:] == digits(zlib.crc32(token[:-7]), ALPHABETS["digits"] + ALPHABETS["lower"], 7)
    for place in range(len(token)):
        assert not fits("gitlab-routable", changed(token, place, ALPHABETS["base62"])), place


def access_key_id(account: int, fifth: str, prefix: str = "AKIA") -> bytes:
    """An access key id of that account: Base32 of 80 bits, the account in the 40 behind the first."""
    low = random.Random(account).getrandbits(39)
    number = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".index(fifth) << 75 | (account & 0xFFFFFFFFFF) << 39 | low
    return prefix.encode() + digits(number, ALPHABETS["base32"], 16)


@pytest.mark.parametrize("account", [1, 123456789012, 999999999999])
def test_the_account_in_an_access_key_id_of_aws(account):
    """Ids from Q on hold an account number of at most twelve digits; older ones hold none."""
    assert (account >> 35) < 32
    assert fits("aws-access-key-id", access_key_id(account, "Q"))


def test_no_account_has_thirteen_digits():
    """A number above all accounts is a made-up id, unless the id is of the older kind; so is one of another length."""
    newer, older = access_key_id(10**12, "Q"), access_key_id(10**12, "J")
    assert not fits("aws-access-key-id", newer)
    assert fits("aws-access-key-id", older)
    assert not fits("aws-access-key-id", older[:-1])
    assert not fits("aws-access-key-id", older[:-1] + b"1")


def part(data: object) -> str:
    """A part of a JSON Web Token."""
    return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_json_web_token(seed):
    """Header and payload are JSON objects and the header names an algorithm; a changed header does not decode."""
    token = filled("{jwt}", seed)
    assert fits("jwt", token)
    assert not fits("jwt", changed(token, 1, "!*~"))
    assert not fits("jwt", token[1:])


@pytest.mark.parametrize(
    "token",
    [
        f"{part({'alg': 'none'})}.{part([])}.x",
        f"{part({'typ': 'JWT'})}.{part({})}.x",
        f"{part([1])}.{part({})}.x",
        f"{part({'alg': 'HS256'})}.{part({})}",
        "eyJ.eyJ.x",
        "..",
        "",
        "é.é.é",
        base64.b64encode(b"[" * 100_000).decode() + ".e30.x",
        base64.b64encode(b"9" * 100_000).decode() + ".e30.x",
    ],
    ids=range(10),
)
def test_what_only_looks_like_a_json_web_token(token):
    """Lists, no algorithm, two parts, no JSON, JSON of great depth."""
    assert not fits("jwt", token.encode())


def test_json_in_base64():
    """Either alphabet, with padding or without; an object and nothing else."""
    data = json.dumps({"key": "~~~???>>>", "n": 1}).encode()
    for encoded in (base64.b64encode(data), base64.urlsafe_b64encode(data), base64.b64encode(data).rstrip(b"=")):
        assert fits("base64-json", encoded)
    assert not fits("base64-json", base64.b64encode(b"[1, 2]"))
    assert not fits("base64-json", base64.b64encode(data[:-1]))


LABELS = ("RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY", "OPENSSH PRIVATE KEY", "PGP PRIVATE KEY BLOCK")


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("kind", ["pem", "pem1"])
def test_key_blocks_of_examples(label, kind):
    """The blocks that fill templates are well-formed outside, on lines of their own or on one line with escapes."""
    assert fits("pem", filled(f"{{{kind}:{label}}}", label))


COMMANDS = {
    "rsa": "openssl genrsa 1024",
    "rsa of old": "openssl genrsa -traditional 1024",
    "ec": "openssl ecparam -genkey -name prime256v1 -noout",
    "ed25519": "openssl genpkey -algorithm ed25519",
    "encrypted": "openssl genrsa -aes128 -passout pass:abcd 1024",
    "encrypted of old": "openssl genrsa -traditional -aes128 -passout pass:abcd 1024",
    "ssh rsa": "ssh-keygen -q -t rsa -b 1024 -N '' -f",
    "ssh ed25519": "ssh-keygen -q -t ed25519 -N '' -f",
    "ssh of old": "ssh-keygen -q -t rsa -b 1024 -m PEM -N '' -f",
    "ssh encrypted": "ssh-keygen -q -t ed25519 -N abcdef -f",
}


@pytest.fixture(scope="session", params=COMMANDS)
def real_key(request, tmp_path_factory):
    """A key as a tool writes it, made for this run and thrown away."""
    command = COMMANDS[request.param].replace("''", "").split(" ")
    if not shutil.which(command[0]):
        pytest.skip(f"no {command[0]} here")
    path = tmp_path_factory.mktemp("key") / "key"
    own = [str(path)] if command[0] == "ssh-keygen" else []
    done = subprocess.run([*command, *own], check=True, capture_output=True, stdin=subprocess.DEVNULL)
    return (path.read_bytes() if own else done.stdout).strip()


def written(key: bytes) -> dict[str, bytes]:
    """The key in the ways in which source code holds one."""
    lines = key.split(b"\n")
    return {
        "as it is": key,
        "CRLF": b"\r\n".join(lines),
        "indented": b"\n".join(b"    " + line for line in lines).strip(),
        "escaped": b"\\n".join(lines),
        "escaped CRLF": b"\\r\\n".join(lines),
        "concatenated": b'\\n" +\n    "'.join(lines),
        "commented": b"\n# ".join(lines),
        "array": b'",\n  "'.join(lines),
    }


def test_keys_that_tools_write(real_key):
    """They fit however they stand in a file."""
    for way, text in written(real_key).items():
        assert fits("pem", text), way


def test_keys_that_tools_write_are_found(real_key, engine):
    """Whole, however they stand in a file, and surely enough to block."""
    for way, text in written(real_key).items():
        found = [(c.value, c.confidence != "low") for c in engine.scan(b'key = """' + text + b'"""\nx = 1\n')]
        assert found == [(text, True)], way


def test_damaged_keys_do_not_fit(real_key):
    """A block whose body is cut to its first line, or is random, is none."""
    head, *body, tail = (line for line in real_key.split(b"\n") if b":" not in line and line)
    noise = base64.b64encode(b"Z" + random.Random(1).randbytes(95))
    assert not fits("pem", b"\n".join((head, noise[:64], noise[64:], tail))) or b"ENCRYPTED" in head
    if b"OPENSSH" not in head and len(body) > 2:
        assert not fits("pem", b"\n".join((head, body[0], tail)))


@given(st.sampled_from(sorted(CHECKS)), st.binary(max_size=200))
def test_any_bytes_can_be_checked(name, secret):
    """No check raises, and each says yes or no."""
    assert fits(name, secret) in (True, False)


@given(st.sampled_from(sorted(CHECKS)), st.text("AZaz09+/=-_.\\n\n {}:", max_size=200))
def test_any_text_can_be_checked(name, secret):
    """The same for text that is nearer to what patterns match."""
    assert fits(name, secret.encode()) in (True, False)
