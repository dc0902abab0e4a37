"""Reads the index of a pack: which objects it holds, and where."""

from __future__ import annotations

import mmap
from array import array
from typing import TYPE_CHECKING

from secretscan.errors import GitError

if TYPE_CHECKING:
    from collections.abc import Iterable


class Index:
    """The index of a pack: names in order, with the offset of each."""

    def __init__(self, path: str) -> None:
        """Opens the index at `path`. Raises GitError for what is no index of version 2."""
        with open(path, "rb") as file:
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if self._data[:8] != b"\xfftOc\x00\x00\x00\x02":
            raise GitError(f"{path} is no pack index of version 2")
        self.pack = path.removesuffix("idx") + "pack"
        self._fanout = array("I", self._data[8:1032])
        self._fanout.byteswap()
        self.count = self._fanout[255]
        # 8 bytes of header, 256 of fan-out, then per object: name, checksum and offset; far offsets; two hashes.
        self._width = 20 if self._far(20) >= 0 else 32
        if self._far(self._width) < 0:
            raise GitError(f"{path} is damaged: it has {len(self._data)} bytes")

    def offsets(self) -> array[int]:
        """The offset of every object, in the order of the names."""
        first = 1032 + self.count * (self._width + 4)
        near = array("I", self._data[first : first + 4 * self.count])
        near.byteswap()
        far = array("Q", self._data[first + 4 * self.count : len(self._data) - 2 * self._width])
        if not far:
            return near
        far.byteswap()
        return array("Q", (far[offset & 0x7FFFFFFF] if offset >> 31 else offset for offset in near))

    def names(self, wanted: Iterable[int]) -> dict[int, str]:
        """The names of the objects at the offsets `wanted`."""
        chosen = frozenset(wanted)
        return {o: self._name(i).hex() for i, o in enumerate(self.offsets() if chosen else ()) if o in chosen}

    def all_names(self) -> list[tuple[bytes, int]]:
        """Every object's name (in bytes) and offset."""
        return [(self._name(i), offset) for i, offset in enumerate(self.offsets())]

    def find(self, name: bytes) -> int | None:
        """The offset of the object called `name` (in bytes); None where it is not in the pack."""
        low = self._fanout[name[0] - 1] if name[0] else 0
        high = self._fanout[name[0]]
        while low < high:
            middle = (low + high) // 2
            if self._name(middle) < name:
                low = middle + 1
            else:
                high = middle
        if low == self.count or self._name(low) != name:
            return None
        place = 1032 + self.count * (self._width + 4) + 4 * low
        offset = int.from_bytes(self._data[place : place + 4])
        if not offset >> 31:
            return offset
        place = 1032 + self.count * (self._width + 8) + 8 * (offset & 0x7FFFFFFF)
        return int.from_bytes(self._data[place : place + 8])

    @property
    def width(self) -> int:
        """How many bytes a name has: 20 or 32."""
        return self._width

    def _name(self, place: int) -> bytes:
        first = 1032 + place * self._width
        return self._data[first : first + self._width]

    def _far(self, width: int) -> int:
        """How many offsets over 2 GiB there are if names have `width` bytes; under 0: they have not."""
        rest = len(self._data) - 1032 - self.count * (width + 8) - 2 * width
        return -1 if rest % 8 or rest // 8 > self.count else rest // 8


def index_of(pack: str) -> str:
    """The path of the pack's index."""
    return pack.removesuffix("pack") + "idx"
