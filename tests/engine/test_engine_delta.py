"""What a delta leaves unchanged need not be scanned: the candidates are those of a scan of the whole."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretscan.engine import delta
from secretscan.engine.scan import Seen
from secretscan.ruleset import load, paths
from secretscan.ruleset.examples import fill

LINES = b"".join(b"def line_%d(): return %d  # nothing to see\n" % (i, i * 7) for i in range(400))


def number(value: int) -> bytes:
    """A size as deltas have it: seven bits a byte, the lowest first."""
    found = bytearray()
    while value >> 7:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes([*found, value])


def copy(start: int, size: int) -> bytes:
    """The instruction to copy from the base, with all its bytes there."""
    return b"\xff" + start.to_bytes(4, "little") + size.to_bytes(3, "little")


def insert(data: bytes) -> bytes:
    """The instructions to insert `data`."""
    return b"".join(bytes([len(data[i : i + 127])]) + data[i : i + 127] for i in range(0, len(data), 127))


def edited(base: bytes, edits: list[tuple[int, int, bytes]]) -> tuple[bytes, bytes]:
    """`base` with each of the edits (place, how many bytes go, what comes) made, and the delta that says so."""
    target, changes, done = b"", b"", 0
    for place, gone, come in sorted(edits):
        start = max(done, place % (len(base) + 1))
        if start > done:
            target += base[done:start]
            changes += copy(done, start - done)
        target += come
        changes += insert(come)
        done = min(len(base), start + gone)
    if done < len(base):
        target += base[done:]
        changes += copy(done, len(base) - done)
    return target, number(len(base)) + number(len(target)) + changes


def examples() -> list[bytes]:
    """An example of every rule."""
    filled = (
        fill(one.examples[0], seed=one.rule.id, checksum=one.rule.checksum) for one in load.load(paths.rule_files())
    )
    return [example.text.encode() for example in filled]


EXAMPLES = examples()

EDIT = st.tuples(
    st.integers(0, 1 << 20),
    st.integers(0, 300),
    st.one_of(st.just(b""), st.binary(max_size=40), st.sampled_from(EXAMPLES), st.just(LINES[:3000])),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(EXAMPLES), max_size=4), st.lists(EDIT, max_size=4), st.integers())
def test_only_changes_are_scanned(engine, pieces, edits, seed):
    """Whatever is inserted, deleted or broken, and wherever: nothing more and nothing less is found."""
    chance = random.Random(seed)
    base = b"\n".join(LINES[: chance.randrange(len(LINES))] + piece for piece in [*pieces, b""])
    target, changes = edited(base, edits)
    seen = engine.examine(base)
    assert spans(engine.examine(target, seen, changes)) == spans(Seen(engine.scan(target), local=True))


def spans(seen: Seen) -> list[tuple[str, int, int, str]]:
    """What was found where, and how sure it is."""
    return [(one.rule.id, one.start, one.end, one.confidence) for one in seen.candidates]


def test_a_small_change_is_not_scanned_whole(engine, monkeypatch):
    """A line more in a long file: only what is around it is looked at."""
    target, changes = edited(LINES, [(5000, 0, b"x = 1\n")])
    seen = engine.examine(LINES)
    monkeypatch.setattr(engine, "scan", lambda _: pytest.fail("the whole text was scanned"))
    assert engine.examine(target, seen, changes) == Seen([], local=True)


@given(st.lists(EDIT, max_size=6))
def test_copies_are_what_both_have(edits):
    """Every stretch is the same in base and target; what lies between them lies in the spans around the changes."""
    target, changes = edited(LINES, edits)
    kept = delta.copies(changes)
    for start, base, size in kept:
        assert target[start : start + size] == LINES[base : base + size]
    covered = set()
    for start, end in delta.around_changes(kept, len(target)):
        covered.update(range(start, end))
    for start, _, size in kept:
        covered.update(range(start, start + size))
    assert covered >= set(range(len(target)))
