"""What a delta changes: most versions of a file are their neighbour with a few lines changed, and need not be scanned anew.

Format: git's documentation, gitformat-pack, "Deltified representation". A delta is two sizes, then instructions: copy so many
bytes of the base from there, or insert these.
"""

from typing import NamedTuple

from secretscan.model import Candidate
from secretscan.ruleset.width import REACH

AROUND = REACH + 128
"""Bytes on both sides of a change in which something can become or cease to be a match, look-arounds included."""

DENSE = 40
"""Reading a delta pays where the text is so many times as long; else the text is scanned."""

Span = tuple[int, int]


class Copy(NamedTuple):
    """A stretch of the base that stands in the target."""

    start: int  # in the target
    base: int  # in the base
    size: int


def copies(delta: bytes) -> list[Copy]:
    """The stretches that the target takes from the base, in its order; neighbours in both are one.

    A loop for speed: it runs for most blobs of a history. Raises IndexError for a delta that ends early.
    """
    place = 0
    for _ in range(2):  # the two sizes
        while delta[place] & 128:
            place += 1
        place += 1
    found: list[Copy] = []
    start = base = size = 0  # of the stretch that may go on
    target = 0
    end = len(delta)
    while place < end:
        code = delta[place]
        place += 1
        if not code & 128:
            place += code
            target += code
            continue
        origin = count = 0
        for bit, shift in OFFSETS[code & 15]:
            origin |= delta[place + bit] << shift
        place += COUNTS[code & 15]
        for bit, shift in OFFSETS[code >> 4 & 7]:
            count |= delta[place + bit] << shift
        place += COUNTS[code >> 4 & 7]
        count = count or 0x10000
        if target == start + size and origin == base + size and size:
            size += count
        else:
            if size:
                found.append(Copy(start, base, size))
            start, base, size = target, origin, count
        target += count
    if size:
        found.append(Copy(start, base, size))
    return found


# For each set of present bytes: where each stands, and by how much it is shifted.
OFFSETS = tuple(
    tuple((place, 8 * bit) for place, bit in enumerate(bit for bit in range(4) if bits >> bit & 1))
    for bits in range(16)
)
COUNTS = tuple(len(present) for present in OFFSETS)


def around_changes(kept: list[Copy], size: int) -> list[Span]:
    """The parts of a target of `size` bytes that lie around what its base has not, or has elsewhere; merged where they
    touch.
    """
    spans: list[Span] = []
    begin = end = -1
    place = 0
    for copy in [*kept, Copy(size, -1, 0)]:
        if place == 0 == copy.start == copy.base:  # both begin alike
            place = copy.size
            continue
        low, high = max(0, place - AROUND), copy.start + AROUND
        if low <= end:
            end = high
        else:
            if end >= 0:
                spans.append((begin, end))
            begin, end = low, high
        place = copy.start + copy.size
    spans.append((begin, min(end, size)))
    return spans


def moved(before: list[Candidate], kept: list[Copy]) -> list[Candidate] | None:
    """The candidates of the base that stand in the target, all that is around them unchanged; None if something is changed
    around one, so that the target must be scanned.
    """
    after = []
    for candidate in before:
        low, high = candidate.start - AROUND, candidate.end + AROUND
        for start, base, size in kept:
            if base <= low and high <= base + size:
                shift = start - base
                after.append(candidate._replace(start=candidate.start + shift, end=candidate.end + shift))
            elif base < high and low < base + size:
                return None
    return after
