"""A name for a secret that says nothing of it: a keyed hash of rule and value."""

import os

SIZE = 16
KEY_SIZE = 32


def fingerprint(key: bytes, rule_id: str, value: bytes) -> str:
    """32 hexadecimal digits for this rule and value under `key`. Line ends do not count; every other byte does."""
    from hashlib import blake2b  # noqa: PLC0415 (3 ms that a clean commit does not need)

    plain = value.replace(b"\r\n", b"\n").replace(b"\\r\\n", b"\\n")
    return blake2b(rule_id.encode() + b"\0" + plain, digest_size=SIZE, key=key).hexdigest()


def new_key() -> bytes:
    """A fresh key for a repository."""
    return os.urandom(KEY_SIZE)


def local_key(folder: str | None) -> bytes:
    """The key kept in `folder` (a git directory, or the user's configuration), made at first use.

    Where nothing can be kept (read-only, or no folder) the key lasts for this run alone.
    """
    if folder is None:
        return new_key()
    path = os.path.join(folder, "secretscan-key")
    try:
        with open(path, "rb") as stream:
            key = stream.read()
        if len(key) == KEY_SIZE:
            return key
    except OSError:
        pass
    return _keep(path, new_key())


def _keep(path: str, key: bytes) -> bytes:
    """Writes the key unless another process was faster; then that one's key counts."""
    temporary = f"{path}.{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        with open(temporary, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as stream:
            stream.write(key)
        os.replace(temporary, path)
    except OSError:
        pass
    return key
