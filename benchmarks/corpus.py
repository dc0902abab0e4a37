"""What is scanned: repositories made from a seed, the same on every machine, and the tree of a repository's HEAD."""

import contextlib
import os
import random
import string
import subprocess
import zlib
from collections.abc import Iterator, Sequence
from typing import IO

SEED = 20_26
EPOCH = 1_700_000_000  # seconds; the first commit's date
PLANT_EVERY = 100  # blobs for each planted secret
_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_WORDS = (  # noqa: SIM905 (a hundred quotes are no gain)
    "account batch branch buffer cache client cluster column config counter cursor device driver editor event field "
    "filter folder frame graph group handle header index item layer layout limit list loader local map matrix menu "
    "message method metric model module network node object offset option order packet page panel parent parser path "
    "pixel plugin point policy queue range reader record region render report request result route row sample schema "
    "scope screen section segment server session shape signal size source stage state step stream string style symbol "
    "table target task template thread timer trace tree update user value vector version view widget window worker"
).split()
_LINES = (
    "def {0}_{1}({2}, {3}):",
    "    {0} = {1}.{2}({3}, {n})",
    "    if {0}.{1} > {n}: return {2}",
    "    # the {0} of a {1} is its {2}",
    '    {0}["{1}"] = "{2} {3}"',
    "    for {0} in {1}.{2}: {3}.append({0})",
    "",
)


def hook_repository(folder: str, files: int = 2000, seed: int = SEED) -> list[str]:
    """Make a work tree with one commit of `files` text files, change one line of one of them, and stage it.

    Returns the staged paths, relative to `folder`. There is nothing secret in it.
    """
    chance = random.Random(seed)
    pool = _pool(chance)
    tree = {
        f"{_WORDS[n % 40]}/{_WORDS[n % 97]}_{n}.py": chance.choices(pool, k=chance.randint(20, 160))
        for n in range(files)
    }
    _init(folder)
    with _Importer(folder) as stream:
        _commit(stream, 0, {path: "".join(lines).encode() for path, lines in tree.items()})
    git(folder, "reset", "--quiet", "--hard")
    changed = sorted(tree)[files // 2]
    with open(os.path.join(folder, changed), "a", encoding="utf-8") as file:
        file.write("    result = value.update(index, 7)\n")
    git(folder, "add", "--", changed)
    return [changed]


def history_repository(folder: str, blobs: int = 20_000, seed: int = SEED) -> set[str]:
    """Make a bare repository whose history has `blobs` different blobs of source-like text, about 10 KB each.

    Returns the secrets that were planted in it: GitHub tokens with a valid checksum, that never belonged to anyone.
    """
    chance = random.Random(seed)
    pool = _pool(chance)
    planted: set[str] = set()
    files: list[list[str]] = []
    _init(folder, "--bare")
    with _Importer(folder) as stream:
        for number in range(blobs):
            which = number if number < max(10, blobs // 40) else chance.randrange(len(files))
            if which == len(files):
                files.append(chance.choices(pool, k=chance.randint(50, 600)))
            files[which][0] = f"revision = {number}\n"  # so that no two blobs are the same
            _edit(chance, files[which], pool)
            if number % PLANT_EVERY == PLANT_EVERY // 2:
                token = _token(chance)
                planted.add(token)
                files[which][1] = f'client.login("{token}")\n'
            _commit(stream, number, {f"{_WORDS[which % 40]}/file_{which}.py": "".join(files[which]).encode()})
    git(folder, "repack", "-adfq")
    return planted


def export_head(repository: str, folder: str) -> str:
    """Write the files of HEAD into `folder`, with no repository around them. Returns what git could not write."""
    index = {"GIT_INDEX_FILE": os.path.join(folder + ".index")}
    git_dir = git(repository, "rev-parse", "--absolute-git-dir").strip()
    os.makedirs(folder)
    git(repository, f"--git-dir={git_dir}", "read-tree", "HEAD", env=index)
    written = subprocess.run(
        ["git", f"--git-dir={git_dir}", f"--work-tree={folder}", "checkout-index", "--all", "--quiet"],
        cwd=folder,
        env=os.environ | index,
        capture_output=True,
        check=False,
    )
    return written.stderr.decode("utf-8", "replace").strip()


def count_blobs(repository: str) -> tuple[int, int]:
    """How many blobs the repository has, and their bytes."""
    listing = git(
        repository, "cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objecttype) %(objectsize)"
    )
    sizes = [int(line[5:]) for line in listing.splitlines() if line.startswith("blob ")]
    return len(sizes), sum(sizes)


def name(repository: str) -> str:
    """What the repository is called: the last two parts of where it came from, or its folder's name."""
    config = subprocess.run(
        ["git", "-C", repository, "config", "remote.origin.url"], capture_output=True, text=True, check=False
    )
    parts = config.stdout.strip().removesuffix("/").removesuffix(".git").replace(":", "/").split("/")
    return "/".join(parts[-2:]) if len(parts) > 1 else os.path.basename(os.path.abspath(repository))


def count_files(folder: str) -> tuple[int, int]:
    """How many regular files the folder has, and their bytes."""
    sizes = [os.lstat(path).st_size for path in _files(folder)]
    return len(sizes), sum(sizes)


def git(folder: str, *arguments: str, env: dict[str, str] | None = None) -> str:
    """The output of a git command. Raises SystemExit with git's message if it fails."""
    done = subprocess.run(
        ["git", "-C", folder, *arguments], env=os.environ | (env or {}), capture_output=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"git {arguments[0]} in {folder}: {done.stderr.decode('utf-8', 'replace').strip()}")
    return done.stdout.decode("utf-8", "replace")


class _Importer:
    """`git fast-import`, ready to read a stream. Raises SystemExit if it fails."""

    def __init__(self, folder: str) -> None:
        self._process = subprocess.Popen(
            ["git", "-C", folder, "-c", "pack.compression=1", "fast-import", "--quiet", "--depth=0"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )

    def __enter__(self) -> IO[bytes]:
        assert self._process.stdin
        return self._process.stdin

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind:
            self._process.kill()
        with contextlib.suppress(BrokenPipeError):
            self._process.communicate()
        if self._process.returncode and not kind:
            raise SystemExit("git fast-import could not make the repository")


def _init(folder: str, *options: str) -> None:
    os.makedirs(folder, exist_ok=True)
    git(folder, "init", "--quiet", "--object-format=sha1", *options)
    git(folder, "symbolic-ref", "HEAD", "refs/heads/main")


def _commit(stream: IO[bytes], number: int, files: dict[str, bytes]) -> None:
    """One commit that writes `files`, as a stream for git fast-import."""
    when = f"Sample <sample@example.org> {EPOCH + number * 3600} +0000"
    message = f"Change {number}\n".encode()
    stream.write(f"commit refs/heads/main\ncommitter {when}\ndata {len(message)}\n".encode() + message)
    for path, content in files.items():
        stream.write(f"M 100644 inline {path}\ndata {len(content)}\n".encode() + content + b"\n")


def _pool(chance: random.Random, size: int = 5000) -> list[str]:
    """Lines to choose from; quicker than to make each anew."""
    return [
        chance.choice(_LINES).format(*chance.sample(_WORDS, 4), n=chance.randrange(1000)) + "\n" for _ in range(size)
    ]


def _edit(chance: random.Random, lines: list[str], pool: Sequence[str]) -> None:
    """A few lines changed, one added, as an ordinary commit does."""
    for _ in range(chance.randint(1, 4)):
        lines[chance.randrange(2, len(lines))] = chance.choice(pool)
    lines.insert(chance.randrange(2, len(lines)), chance.choice(pool))


def _token(chance: random.Random) -> str:
    """A random value in the form of a GitHub token, checksum included."""
    body = "".join(chance.choices(_BASE62, k=30))
    check, digits = zlib.crc32(body.encode()), ""
    for _ in range(6):
        check, digit = divmod(check, 62)
        digits = _BASE62[digit] + digits
    return f"ghp_{body}{digits}"


def _files(folder: str) -> Iterator[str]:
    for root, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(root, name)
            if os.path.isfile(path) and not os.path.islink(path):
                yield path
