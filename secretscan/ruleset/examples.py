"""Fills example templates with random values, so that no live-looking token lies in a rule file.

The template language is described in rules/README.md.
"""

import base64
import json
import random
import re
import zlib
from typing import NamedTuple

from secretscan.errors import RuleError

ALPHABETS = {
    "hex": "0123456789abcdef",
    "HEX": "0123456789ABCDEF",
    "digits": "0123456789",
    "lower": "abcdefghijklmnopqrstuvwxyz",
    "upper": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "base32": "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
    "base58": "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
    "base62": "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "base64": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    "base64url": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
}
ALPHABETS["alnum"] = ALPHABETS["base62"]

TOKEN = re.compile(r"\{\{|\}\}|[«»]|\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}")
RANDOM = re.compile(r"(.+):(\d+)(?:-(\d+))?\Z", re.DOTALL)


class Example(NamedTuple):
    """A filled template: `text`, and the marked span in characters; both ends are -1 where nothing was marked."""

    text: str
    start: int
    end: int


def fill(template: str, *, seed: str, checksum: str = "") -> Example:
    """Fills `template` with values that depend on `seed` alone.

    `checksum` names the rule's checksum, for `{checksum}`. Raises RuleError for a placeholder that is not known.
    """
    chance = random.Random(seed)  # noqa: S311 (repeatable on purpose)
    text = ""
    position, start, end = 0, -1, -1
    for token in TOKEN.finditer(template):
        text += template[position : token.start()]
        position = token.end()
        match token.group():
            case "«":
                start = len(text)
            case "»":
                end = len(text)
            case "{{" | "}}" as brace:
                text += brace[0]
            case _:
                text += _value(token.group(1), chance, text[max(start, 0) :], checksum)
    return Example(text + template[position:], start, end)


def _value(what: str, chance: random.Random, before: str, checksum: str) -> str:
    """The text for one placeholder; `before` is the secret as far as it is filled."""
    name, _, argument = what.partition(":")
    if what == "uuid":
        digits = "".join(chance.choices(ALPHABETS["hex"], k=30))
        return f"{digits[:8]}-{digits[8:12]}-4{digits[12:15]}-{chance.choice('89ab')}{digits[15:18]}-{digits[18:30]}"
    if what == "checksum":
        return complete(before, checksum)
    if name in ("jwt", "b64", "b64url", "pem", "pem1"):
        return _structured(name, argument, chance)
    if wanted := RANDOM.match(what):
        alphabet, least, most = wanted.groups()
        return "".join(chance.choices(_alphabet(alphabet), k=chance.randint(int(least), int(most or least))))
    raise RuleError(f"example placeholder {{{what}}} is not known; see 'Examples are templates' in rules/README.md")


def _alphabet(name: str) -> str:
    """A named alphabet, or the characters of a class such as `A-Za-z0-9_-`."""
    if name in ALPHABETS:
        return ALPHABETS[name]
    members = ""
    position = 0
    while position < len(name):
        if name[position + 1 : position + 2] == "-" and position + 2 < len(name):
            members += "".join(map(chr, range(ord(name[position]), ord(name[position + 2]) + 1)))
            position += 3
        else:
            members += name[position]
            position += 1
    if not members:
        raise RuleError("an example placeholder has an empty alphabet; write for example {A-Za-z0-9:32}")
    return members


def _structured(kind: str, argument: str, chance: random.Random) -> str:
    """Values with an inner structure: JSON Web Tokens, Base64 and PEM blocks."""
    if kind == "b64":
        return base64.b64encode(argument.encode()).decode()
    if kind == "b64url":
        return _b64url(argument.encode())
    if kind == "jwt":
        payload = argument or json.dumps(
            {"sub": str(chance.getrandbits(32)), "iat": 1700000000 + chance.getrandbits(24)}
        )
        parts = (b'{"alg":"HS256","typ":"JWT"}', payload.encode(), chance.randbytes(32))
        return ".".join(map(_b64url, parts))
    lines = _pem(argument, chance)
    return "\n".join(lines) if kind == "pem" else r"\n".join(lines) + r"\n"


def _b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _pem(label: str, chance: random.Random) -> list[str]:
    """The lines of a PEM block: right outside, random inside."""
    if "OPENSSH" in label:
        body = b"openssh-key-v1\0\0\0\0\4none" + chance.randbytes(380)
    elif "PGP" in label:
        body = b"\x95\x01\xd8" + chance.randbytes(480)
    else:
        length = 605
        body = b"\x30\x82" + (length - 4).to_bytes(2, "big") + b"\x02\x01\x00" + chance.randbytes(length - 7)
    text = base64.b64encode(body).decode()
    width = 70 if "OPENSSH" in label else 64
    lines = [text[i : i + width] for i in range(0, len(text), width)]
    blank = [""] if "PGP" in label else []
    return [f"-----BEGIN {label}-----", *blank, *lines, f"-----END {label}-----"]


def complete(secret: str, checksum: str) -> str:
    """The characters that complete `secret` so that its checksum fits. Raises RuleError if the name has none to add."""
    if checksum == "crc32-base62":
        body = secret.rsplit("_", 1)[-1]
        return base62(zlib.crc32(body.encode()), 6)
    if checksum == "gitlab-routable":
        return base36(zlib.crc32(secret.encode()), 7)
    raise RuleError(f"{{checksum}} in an example needs a rule whose checksum adds characters, not '{checksum}'")


def base62(number: int, width: int) -> str:
    """`number` in digits 0-9A-Za-z, padded to `width` (GitHub and npm tokens)."""
    return _digits(number, width, ALPHABETS["base62"])


def base36(number: int, width: int) -> str:
    """`number` in digits 0-9a-z, padded to `width` (GitLab routable tokens)."""
    return _digits(number, width, ALPHABETS["digits"] + ALPHABETS["lower"])


def _digits(number: int, width: int, alphabet: str) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, len(alphabet))
        digits = alphabet[rest] + digits
    return digits.rjust(width, alphabet[0])
