"""The whole history through the scanner: each secret once, with the commit that brought it in."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from secretscan import exposure, parallel
from secretscan.bulk import scan_dealt
from secretscan.changes import message_origin
from secretscan.errors import GitError
from secretscan.git import refs
from secretscan.git.objects import Objects, read_past_damage
from secretscan.model import Blob, Finding, Origin, Skipped
from secretscan.scanner import Scanner
from secretscan.sources import commits, history

Key = tuple[str, bytes]
Progress = Callable[[int], None]


def scan(
    scanner: Scanner,
    rules: tuple[str, ...],
    jobs: int,
    progress: Callable[[int], Progress],
    *,
    all_objects: bool = False,
) -> list[Finding]:
    """The findings of the repository's whole history.

    `rules`: the paths of additional rules. `progress` is told how many blobs there are and gives a function that is told
    how many are done. `all_objects`: also what no ref reaches. Raises GitError.
    """
    with ThreadPoolExecutor(1) as meanwhile:
        listing = meanwhile.submit(history.inventory)
        order, lost, spoken = _messages(scanner, listing.result, all_objects=all_objects)
        stored = listing.result()
    work = partial(scan_dealt, rules, scanner.policy.config, history.read_blobs)
    hits = _blobs(scanner, work, stored.blobs, jobs, progress(len(stored.blobs)))
    places = _introductions(stored, order, hits, jobs)
    _list_damage(scanner, stored, places)
    named = _all_refs(scanner)
    found = [*_names(scanner, places.names), *_references(scanner, named, places), *spoken]
    if all_objects:
        found = [*_lost_tags(scanner, stored.tags, found), *found]
    stray = "unreachable" if all_objects else "unknown" if places.damaged else ""
    for key in sorted(hits):
        found += _first(scanner, hits[key], places, order, lost=lost, stray=stray)
    return list(scanner.judge(exposure.with_commits(exposure.living(_once(found), hits, named), named)))


def _messages(
    scanner: Scanner, stored: Callable[[], history.Inventory], *, all_objects: bool
) -> tuple[list[bytes], int, list[Finding]]:
    """The ids of all commits, newest first; how many of them no ref reaches, these stand before the others; and what is
    in their messages, in the same order.
    """
    order: list[bytes] = []
    found: list[Finding] = []
    lost: list[bytes] = []
    try:
        for ids, texts in history.messages("--all"):
            order += ids
            found += _in_messages(scanner, ids, texts)
    except GitError:  # a commit is missing or damaged, so nobody knows what is reachable: all that is stored counts
        order, found = _stored(scanner, stored().commits, complete=True)
    if all_objects:
        lost, away = _stored(scanner, sorted({*stored().commits} - {*order}))
        found = [finding._replace(exposure="unreachable") for finding in away] + found
    return lost + order, len(lost), found


def _stored(scanner: Scanner, ids: list[bytes], *, complete: bool = False) -> tuple[list[bytes], list[Finding]]:
    """The commits called `ids` that can be read, newest first, and what is in their messages.

    `complete`: notes which of their parents are not there.
    """
    read: list[history.StoredCommit] = []
    for commit in history.read_commits(ids, scanner.policy.config.max_file_size):
        if isinstance(commit, Skipped):
            scanner.skipped.append(commit)
        else:
            read.append(commit)
    if complete:
        for name in sorted({parent for commit in read for parent in commit.parents} - {*ids}):
            scanner.skip(Origin("", blob=name.decode()), history.MISSING)
    read.sort(reverse=True)
    order = [commit.id for commit in read]
    return order, list(_in_messages(scanner, order, [commit.message for commit in read]))


def _list_damage(scanner: Scanner, stored: history.Inventory, places: history.Introductions) -> None:
    """Notes what is missing or damaged."""
    for blob, path in sorted(places.missing.items()):
        scanner.skip(Origin(path, blob=blob.decode()), history.MISSING)
    for name in sorted({*stored.damaged} - {*places.missing}):
        scanner.skip(Origin("", blob=name.decode()), history.DAMAGED)
    for commit, reason in sorted(places.damaged.items()):
        scanner.skip(Origin(f"changes of commit {commit[:12].decode()}", blob=commit.decode()), reason)


def _in_messages(scanner: Scanner, ids: list[bytes], texts: list[bytes]) -> Iterator[Finding]:
    """What is in a batch of messages. Hardly ever anything: they are looked at together first."""
    if scanner.locate(Blob(b"\n\n".join(texts), Origin("", "commit-message"))):
        for name, text in zip(ids, texts, strict=True):
            found = scanner.locate(Blob(text, message_origin(name.decode())))
            yield from (finding._replace(exposure="committed") for finding in found)


def _blobs(
    scanner: Scanner, work: parallel.Work, blobs: list[bytes], jobs: int, done: Progress
) -> dict[Key, list[Finding]]:
    """What is in the blobs, by rule and value."""
    hits: dict[Key, list[Finding]] = {}
    for tally in parallel.run(work, history.pieces(blobs, history.PIECE), jobs):
        done(tally.blobs)
        scanner.add(tally.blobs, tally.bytes, tally.lines, tally.skipped)
        for finding in tally.findings:
            hits.setdefault((finding.rule_id, finding.value), []).append(finding)
    return hits


def _introductions(
    stored: history.Inventory, order: list[bytes], hits: dict[Key, list[Finding]], jobs: int
) -> history.Introductions:
    """Where the blobs with findings come from: of several commits the oldest."""
    wanted = frozenset(finding.blob.encode() for found in hits.values() for finding in found if finding.blob)
    size = history.COMMITS_PIECE
    runs = [(place, order[place : place + size]) for place in range(0, len(order), size)]
    places = history.Introductions({}, set(), {}, {})
    work = partial(history.introductions, wanted=wanted, known=frozenset(stored.blobs))
    for part in parallel.run(work, runs, jobs):
        for blob, found in part.first.items():
            places.first[blob] = max(found, places.first.get(blob, found))
        places.names.update(part.names)
        places.missing.update(part.missing)
        places.damaged.update(part.damaged)
    return places


def _first(
    scanner: Scanner, found: list[Finding], places: history.Introductions, order: list[bytes], *, lost: int, stray: str
) -> Iterator[Finding]:
    """The finding of one secret in the blob that came first.

    The first `lost` commits of `order` are on no ref; `stray` is the exposure of what no commit brings, "" to drop it.
    """
    count = len({(finding.blob, finding.line, finding.column) for finding in found})
    reached = [(places.first[blob], finding) for finding in found if (blob := _id(finding)) in places.first]
    kept = [item for item in reached if not scanner.policy.excluded(item[0][1])]
    if kept:
        (place, path), first = max(kept, key=lambda item: (item[0], -item[1].line))
        commit = order[place].decode() if place >= 0 else None
        exposure = "unreachable" if 0 <= place < lost else "committed"
        yield first._replace(path=path, commit=commit, occurrences=count, exposure=exposure)
    elif reached:
        for (_, path), left_out in {item[0]: item[1] for item in reached}.items():
            scanner.skip(Origin(path, blob=left_out.blob), f"excluded by {scanner.policy.config.where}")
    elif stray:
        first = min(found, key=lambda finding: (finding.blob or "", finding.line))
        yield first._replace(path=f"object {first.blob}", occurrences=count, exposure=stray)


def _once(findings: list[Finding]) -> list[Finding]:
    """Each secret once, however many messages and names hold it beside its content: at the last of its findings."""
    kept: dict[Key, Finding] = {}
    for finding in findings:
        known = kept.get((finding.rule_id, finding.value))
        count = finding.occurrences + (known.occurrences if known else 0)
        kept[finding.rule_id, finding.value] = finding._replace(occurrences=count)
    return list(kept.values())


def _id(finding: Finding) -> bytes:
    return (finding.blob or "").encode()


def _all_refs(scanner: Scanner) -> list[refs.Ref]:
    """All refs; none, and a note of it, where git cannot list them."""
    try:
        return list(refs.all_refs())
    except GitError as error:
        scanner.skipped.append(Skipped(None, None, f"names of refs and messages of tags: {error}"))
        return []


def _references(scanner: Scanner, named: list[refs.Ref], places: history.Introductions) -> Iterator[Finding]:
    """What is in the names of refs and the messages of tags. Blobs they name directly are noted in `places`."""
    for ref in named:
        yield from scanner.locate(Blob(ref.name.encode("utf-8", "surrogateescape"), Origin(ref.name, "ref-name")))
    objects = Objects()
    for ref in named:
        try:
            if ref.type != "commit":
                yield from _behind(scanner, ref, objects, places)
        except GitError as error:
            scanner.skipped.append(Skipped(ref.name, ref.id, str(error)))
            objects = Objects()
    objects.close()


def _behind(scanner: Scanner, ref: refs.Ref, objects: Objects, places: history.Introductions) -> Iterator[Finding]:
    """What is behind a ref that names no commit."""
    for blob in commits.directly(ref.name, ref.id, objects, scanner.policy.config.max_file_size):
        if isinstance(blob, Skipped):
            scanner.skipped.append(blob)
        elif blob.origin.kind == "blob":
            places.first.setdefault((blob.origin.blob or "").encode(), (-1, blob.origin.path))
        else:
            yield from scanner.locate(blob)


def _lost_tags(scanner: Scanner, tags: list[bytes], known: list[Finding]) -> Iterator[Finding]:
    """What is in the messages of those stored tags that no ref reaches; `known` is what is in the others."""
    told = {finding.blob for finding in known if finding.kind == "tag-message"}
    for tag in read_past_damage((name.decode() for name in tags), scanner.policy.config.max_file_size):
        if tag.data is not None and tag.id not in told:
            message = Blob(
                tag.data.partition(b"\n\n")[2], Origin(f"message of tag {tag.id[:12]}", "tag-message", tag.id)
            )
            yield from (finding._replace(exposure="unreachable") for finding in scanner.locate(message))


def _names(scanner: Scanner, names: Iterable[bytes]) -> Iterator[Finding]:
    """What is in the paths that any commit ever had."""
    ordered = sorted(names)
    if scanner.locate(Blob(b"\n".join(ordered), Origin("", "file-name"))):
        for name in ordered:
            path = name.decode("utf-8", "surrogateescape")
            if not scanner.policy.excluded(path):
                found = scanner.locate(Blob(name, Origin(path, "file-name")))
                yield from (finding._replace(exposure="committed") for finding in found)
