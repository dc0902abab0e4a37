"""Finds a project's settings and makes the policy of them."""

from collections.abc import Callable
from typing import NamedTuple

from secretscan.errors import UsageError
from secretscan.git.objects import Objects
from secretscan.policy import config as configuration
from secretscan.policy.config import Config
from secretscan.policy.policy import Policy

Reader = Callable[[str], bytes | None]
"""Gives the content of a file by its name in the project, None if it is not there."""


class Overrides(NamedTuple):
    """What the command line says; it wins over the files. Empty values say nothing."""

    config: str = ""
    baseline: str = ""
    min_confidence: str = ""
    max_file_size: int = 0


def read_config(read: Reader, overrides: Overrides) -> Config:
    """The settings: the file named on the command line, else the project's own. Raises UsageError."""
    if overrides.config:
        found = configuration.parse(read_file(overrides.config), overrides.config)
    elif (content := read(configuration.FILE)) is not None:
        found = configuration.parse(content, configuration.FILE)
    else:
        content = read(configuration.PYPROJECT)
        usable = content is not None and configuration.in_pyproject(content)
        found = configuration.parse(content or b"", configuration.PYPROJECT) if usable else Config()
    if overrides.min_confidence:
        found = found._replace(min_confidence=overrides.min_confidence)
    if overrides.max_file_size:
        found = found._replace(max_file_size=overrides.max_file_size)
    return found


def make_policy(config: Config, read: Reader, overrides: Overrides, local_key: Callable[[], bytes]) -> Policy:
    """The policy with the project's baseline, if there is one. `local_key` serves where there is none."""
    content = read_file(overrides.baseline) if overrides.baseline else read(config.baseline)
    if content is None:
        return Policy(config, _once(local_key))
    from secretscan.policy import baseline  # noqa: PLC0415 (json, only where there is one)

    found = baseline.parse(content, overrides.baseline or config.baseline)
    return Policy(config, lambda: found.key, frozenset(entry.fingerprint for entry in found.entries))


def read_file(path: str) -> bytes:
    """The content of a file that the user named. Raises UsageError if it cannot be read."""
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None


def from_folder(folder: str) -> Reader:
    """Reads a project's files from `folder`."""

    def read(name: str) -> bytes | None:
        try:
            with open(f"{folder}/{name}", "rb") as stream:
                return stream.read()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise UsageError(f"{name}: cannot be read: {error.strerror}") from None

    return read


def from_objects(objects: Objects, revision: str = "HEAD") -> Reader:
    """Reads a project's files as they are committed in `revision`."""

    def read(name: str) -> bytes | None:
        return next(objects.read([f"{revision}:{name}"], configuration.DEFAULT_SIZE)).data

    return read


def _once(make: Callable[[], bytes]) -> Callable[[], bytes]:
    made: list[bytes] = []

    def key() -> bytes:
        if not made:
            made.append(make())
        return made[0]

    return key
