"""Packs are read as git reads them."""

import os
import random
import subprocess

import pytest

from secretscan.errors import GitError
from secretscan.git import packs


def objects(kind, cwd):
    """The objects of a kind as git has them: content by id."""
    lines = subprocess.run(
        ["git", "cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)"],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    names = [line.split()[0] for line in lines if line.endswith(kind)]
    return {
        name: subprocess.run(["git", "cat-file", kind, name], cwd=cwd, capture_output=True, check=True).stdout
        for name in names
    }


@pytest.fixture(params=["sha1", "sha256"])
def packed(tmp_path, request):
    """A repository with versions of a few files, in two packs of which the second builds on the first."""
    run = lambda *args: subprocess.run(["git", *args], cwd=tmp_path, check=True, capture_output=True)  # noqa: E731
    run("init", "-q", f"--object-format={request.param}")
    run("config", "user.name", "A")
    run("config", "user.email", "a@example.org")
    chance = random.Random(5)
    lines = [f"line {i} {chance.random()}\n" for i in range(300)]
    for version in range(30):
        for name in ("a.txt", "b.txt"):
            lines[chance.randrange(300)] = f"version {version} of {name} {chance.random()}\n"
            (tmp_path / name).write_text("".join(lines))
        run("add", ".")
        run("commit", "-qm", f"version {version}")
        if version in (15, 29):
            run("repack", "-dq", "--window=50", "--depth=20")
    run("prune-packed")
    return tmp_path


def test_every_object_is_read_as_git_reads_it(packed):
    """All blobs and commits, by name and content, most of them deltas."""
    indexes = packs.indexes(packs.stores(str(packed)))
    assert len(indexes) == 2
    assert packs.loose(packs.stores(str(packed)), indexes) == []
    held = [packs.contents(index, indexes[:place]) for place, index in enumerate(indexes)]
    for kind, pieces in (("blob", [c.blobs for c in held]), ("commit", [c.commits for c in held])):
        found = {}
        depths = set()
        for index, mine in zip(indexes, pieces, strict=True):
            for piece in mine:
                read = list(packs.read(piece))
                depths.update(one.depth for one in read)
                names = index.names([one.offset for one in read])
                found.update({names[one.offset]: one.data for one in read})
        assert found == objects(kind, packed)
        assert kind == "commit" or max(depths) > 3


def test_find(packed):
    """Every name leads to its offset, no other name to any."""
    for index in packs.indexes(packs.stores(str(packed))):
        for name, offset in index.all_names():
            assert index.find(name) == offset
        assert index.find(bytes(index.width)) is None
        assert index.find(b"\xff" * index.width) is None


def test_damaged_index(packed):
    """It is said to be damaged, so that git can be asked instead."""
    folder = packed / ".git/objects/pack"
    path = next(folder / name for name in os.listdir(folder) if name.endswith(".idx"))
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[:-7])
    with pytest.raises(GitError, match="damaged"):
        packs.indexes(packs.stores(str(packed)))
