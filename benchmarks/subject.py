"""What each case scans: what the user named, or what is made for it, once."""

import os
from functools import cached_property
from typing import NamedTuple

import corpus

HOOK_FILES = 2000


class Subject(NamedTuple):
    """A folder, and what is known of it."""

    folder: str
    words: str  # for people
    files: list[str]  # the staged paths
    planted: set[str] | None  # secrets that were planted; None where nobody knows


class Subjects:
    """The subjects of all cases. `work` is a folder for what is made; an empty `repo` or `folder` means: make one."""

    def __init__(self, work: str, repo: str = "", folder: str = "", label: str = "", blobs: int = 20_000) -> None:
        self._work, self._repo, self._folder, self._label, self._blobs = work, repo, folder, label, blobs

    def of(self, case: str) -> Subject:
        """What `case` scans. Raises SystemExit if git cannot make or read it."""
        return {"history": lambda: self._history, "folder": lambda: self._tree}.get(case, lambda: self._staged)()

    @cached_property
    def _staged(self) -> Subject:
        folder = os.path.join(self._work, "hook")
        files = corpus.hook_repository(folder, HOOK_FILES)
        return Subject(folder, f"one line staged in a repository of {HOOK_FILES:,} files", files, None)

    @cached_property
    def _history(self) -> Subject:
        if self._repo:
            folder, planted = os.path.abspath(self._repo), None
        else:
            folder = os.path.join(self._work, "history")
            planted = corpus.history_repository(folder, self._blobs)
        blobs, size = corpus.count_blobs(folder)
        return Subject(folder, f"{self._name()}, {blobs:,} blobs, {_bytes(size)}", [], planted)

    @cached_property
    def _tree(self) -> Subject:
        folder = os.path.abspath(self._folder) if self._folder else os.path.join(self._work, "tree")
        name = self._label or os.path.basename(folder)
        if not self._folder:
            name = f"HEAD of {self._name()}"
            lost = corpus.export_head(self._history.folder, folder)
            if lost:
                print(f"{name} is not complete: {lost}")
        files, size = corpus.count_files(folder)
        return Subject(folder, f"{name}, {files:,} files, {_bytes(size)}", [], None)

    def _name(self) -> str:
        return (self._label or corpus.name(self._repo)) if self._repo else "a repository made from a seed"


def _bytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
