"""Offline checks of a secret's inner structure, by the names that rule files use."""

import zlib
from base64 import b64decode, urlsafe_b64decode
from collections.abc import Callable

BASE62 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
BASE36 = b"0123456789abcdefghijklmnopqrstuvwxyz"
BASE32 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def fits(name: str, secret: bytes) -> bool:
    """Whether `secret` passes the check `name`; one without a name passes."""
    return not name or CHECKS[name](secret)


def crc32_base62(secret: bytes) -> bool:
    """GitHub and npm: the last 6 characters are the CRC32 of what stands between the prefix and them, in base 62.

    Source: GitHub's engineering blog, "Behind GitHub's new authentication token formats" (5 April 2021).
    """
    body = secret.rsplit(b"_", 1)[-1]
    return _number(body[-6:], BASE62) == zlib.crc32(body[:-6])


def gitlab_routable(secret: bytes) -> bool:
    """GitLab: the last 7 characters are the CRC32 of all before them, in base 36.

    Source: GitLab handbook, design document "Routable tokens".
    """
    return _number(secret[-7:], BASE36) == zlib.crc32(secret[:-7])


def jwt(secret: bytes) -> bool:
    """The first two parts are Base64url JSON objects and the header names an algorithm (RFC 7519)."""
    parts = secret.split(b".")
    if len(parts) < 3:
        return False
    header, payload = (_json(_base64(part)) for part in parts[:2])
    return isinstance(header, dict) and "alg" in header and isinstance(payload, dict)


def base64_json(secret: bytes) -> bool:
    """Base64, either kind, of a JSON object."""
    return isinstance(_json(_base64(secret)), dict)


def aws_access_key_id(secret: bytes) -> bool:
    """The Base32 behind the four letters of newer ids (from Q on) holds an account number of at most 12 digits.

    It stands in the 40 bits behind the first one. Source: AWS, sts get-access-key-info, and the published decoding of
    ids issued since 2019; older ones (I, J) hold none.
    """
    number = _number(secret[4:], BASE32)
    if number < 0 or len(secret) != 20:
        return False
    return number < 1 << 79 or (number >> 39) & 0xFFFFFFFFFF < 10**12


def pem(secret: bytes) -> bool:
    """The body is Base64; behind it are a DER sequence whose length fits, an OpenSSH or a PGP key (RFC 7468)."""
    text = secret.replace(b"\\r", b"").replace(b"\\n", b"\n")
    lines = [line for line in text.split(b"\n") if b"-----" not in line and b":" not in line]
    inside = [max(words, key=len) for line in lines if (words := _base64_words(line))]
    if len(inside) == 1:
        inside = _base64_words(b"".join(lines))
    body = _base64(b"".join(line for line in inside if not (len(line) == 5 and line.startswith(b"="))))  # PGP's CRC24
    if b"OPENSSH" in secret[:60]:
        return body.startswith(b"openssh-key-v1\0")
    if b"PGP" in secret[:60]:
        return len(body) > 64 and body[0] & 0x80 != 0
    return (b"ENCRYPTED" in secret[:400] and len(body) > 64) or _is_sequence(body)


def _base64_words(line: bytes) -> list[bytes]:
    """The words of Base64 on a line: in source code quotes, commas, comment signs and a lone plus stand around them."""
    import re  # noqa: PLC0415 (only for key blocks)

    return re.findall(rb"[A-Za-z0-9+/=]{2,}", line)


def _is_sequence(der: bytes) -> bool:
    """Whether `der` is one ASN.1 SEQUENCE: tag, length, and so many bytes."""
    if len(der) < 16 or der[0] != 0x30:
        return False
    size = der[1]
    if size < 0x80:
        return len(der) >= 2 + size
    octets = size & 0x7F
    return octets <= 4 and abs(len(der) - 2 - octets - int.from_bytes(der[2 : 2 + octets], "big")) <= 2


def _base64(data: bytes) -> bytes:
    """`data` decoded, whichever alphabet and padding; empty if it is not Base64."""
    plain = data.rstrip(b"=")
    decode = urlsafe_b64decode if b"-" in plain or b"_" in plain else b64decode
    try:
        return decode(plain + b"=" * (-len(plain) % 4))
    except ValueError:
        return b""


def _json(data: bytes) -> object:
    import json  # noqa: PLC0415 (only for the few that get here)

    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _number(digits: bytes, alphabet: bytes) -> int:
    """The number that `digits` write in the base of the alphabet's length; -1 for a foreign digit."""
    number = 0
    for digit in digits:
        value = alphabet.find(digit)
        if value < 0:
            return -1
        number = number * len(alphabet) + value
    return number


CHECKS: dict[str, Callable[[bytes], bool]] = {
    "crc32-base62": crc32_base62,
    "gitlab-routable": gitlab_routable,
    "jwt": jwt,
    "base64-json": base64_json,
    "aws-access-key-id": aws_access_key_id,
    "pem": pem,
}
