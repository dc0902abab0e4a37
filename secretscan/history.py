"""The whole history through the scanner: each secret once, with the commit that brought it in."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from secretscan import exposure, origins, parallel, stored
from secretscan.changes import message_origin
from secretscan.errors import GitError
from secretscan.git import refs
from secretscan.git.objects import Objects, read_past_damage
from secretscan.model import Blob, Finding, Origin, Skipped
from secretscan.scanner import Scanner
from secretscan.sources import commits, history, introductions
from secretscan.stored import Hits, Key

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
    named = _all_refs(scanner)
    with ThreadPoolExecutor(1) as meanwhile:
        listed = meanwhile.submit(introductions.walk, *_but(named), "--all")
        content = history.inventory()
        hits = _search(scanner, rules, content, jobs, progress(content.total))
        walk = origins.of(scanner, content, hits, listed, jobs=jobs, all_objects=all_objects)
    _list_damage(scanner, content, walk)
    found = [*_names(scanner, walk.names), *_references(scanner, named, walk), *_messages(scanner, walk)]
    if all_objects:
        found = [*_lost_tags(scanner, hits.tags, found), *found]
    stray = "unreachable" if all_objects else "unknown" if walk.damaged else ""
    objects = Objects()
    for key in sorted(hits.secrets):
        found += _first(scanner, key, hits.secrets[key], walk, objects, stray=stray)
    objects.close()
    return list(scanner.judge(exposure.with_commits(exposure.living(_once(found), hits.secrets, named), named)))


def _search(scanner: Scanner, rules: tuple[str, ...], content: history.Inventory, jobs: int, done: Progress) -> Hits:
    """Scans everything that is stored, reachable or not."""
    secrets: dict[stored.Place, dict[Key, int]] = {}
    spoken: list[stored.Place] = []
    skipped: list[tuple[stored.Place, str]] = []
    hits = Hits({}, [], [], [])
    for work, pieces in ((stored.scan_pieces, content.blobs), (stored.scan_messages, content.commits)):
        for tally in parallel.run(partial(work, rules, scanner.policy.config), pieces, jobs):
            if work is stored.scan_pieces:
                done(tally.done)
            scanner.add(tally.blobs, tally.size, 0, [])
            secrets.update(tally.secrets)
            spoken += tally.messages
            skipped += tally.skipped
            hits.tags.extend(tally.tags)
            hits.commits.extend(tally.commits)
    packed_tags = [(pack, offset) for pack, offsets in content.tags.items() for offset in offsets]
    ids = stored.names([*secrets, *spoken, *packed_tags, *(place for place, _ in skipped)], content.indexes)
    for place, counts in secrets.items():
        for key, count in counts.items():
            hits.secrets.setdefault(key, {})[ids[place]] = count
    hits.messages.extend(ids[place] for place in spoken)
    hits.tags.extend(ids[place] for place in packed_tags)
    scanner.skipped += [Skipped(None, ids[place], reason) for place, reason in skipped]
    return hits


def _list_damage(scanner: Scanner, content: history.Inventory, walk: introductions.Walk) -> None:
    """Notes what is missing or damaged."""
    for blob, path in sorted(walk.missing.items()):
        scanner.skip(Origin(path, blob=blob), history.MISSING)
    for name in sorted({*content.damaged} - {name.encode() for name in walk.missing}):
        scanner.skip(Origin("", blob=name.decode()), history.DAMAGED)
    for commit, reason in sorted(walk.damaged.items()):
        scanner.skip(Origin(f"changes of commit {commit[:12]}", blob=commit), reason)


def _messages(scanner: Scanner, walk: introductions.Walk) -> Iterator[Finding]:
    """What is in the messages of commits, the newest first."""
    places = sorted(walk.commits.values(), reverse=True)
    for commit in history.read_commits(
        [place.commit.encode() for place in places], scanner.policy.config.max_file_size
    ):
        if not isinstance(commit, Skipped):
            name = commit.id.decode()
            exposed = "unreachable" if walk.commits[name].lost else "committed"
            found = scanner.locate(Blob(commit.message, message_origin(name)))
            yield from (finding._replace(exposure=exposed) for finding in found)


def _first(
    scanner: Scanner, key: Key, counts: dict[str, int], walk: introductions.Walk, objects: Objects, *, stray: str
) -> Iterator[Finding]:
    """The finding of one secret in the blob that came first.

    `counts`: how often it stands in which blob; `stray` is the exposure of what no commit brings, "" to drop it.
    """
    reached = sorted((walk.first[blob], blob) for blob in counts if blob in walk.first)
    kept = [item for item in reached if not scanner.policy.excluded(item[0].path)]
    count = sum(counts.values())
    if kept:
        place, blob = kept[0]
        exposed = "unreachable" if place.lost else "committed"
        for first in _in_blob(scanner, key, Origin(place.path, "blob", blob), objects):
            yield first._replace(commit=place.commit or None, occurrences=count, exposure=exposed)
    elif reached:
        for place, blob in reached:
            scanner.skip(Origin(place.path, blob=blob), f"excluded by {scanner.policy.config.where}")
    elif stray:
        blob = min(counts)
        for first in _in_blob(scanner, key, Origin(f"object {blob}", "blob", blob), objects):
            yield first._replace(occurrences=count, exposure=stray)


def _in_blob(scanner: Scanner, key: Key, origin: Origin, objects: Objects) -> Iterator[Finding]:
    """The first place of a secret in a blob that is known to hold it."""
    read = next(objects.read([origin.blob or ""], scanner.policy.config.max_file_size))
    found = scanner.locate(Blob(read.data or b"", origin))
    yield from [finding for finding in found if (finding.rule_id, finding.value) == key][:1]


def _once(findings: list[Finding]) -> list[Finding]:
    """Each secret once, however many messages and names hold it beside its content: at the last of its findings."""
    kept: dict[Key, Finding] = {}
    for finding in findings:
        known = kept.get((finding.rule_id, finding.value))
        count = finding.occurrences + (known.occurrences if known else 0)
        kept[finding.rule_id, finding.value] = finding._replace(occurrences=count)
    return list(kept.values())


def _all_refs(scanner: Scanner) -> list[refs.Ref]:
    """All refs; none, and a note of it, where git cannot list them."""
    try:
        return list(refs.all_refs())
    except GitError as error:
        scanner.skipped.append(Skipped(None, None, f"names of refs and messages of tags: {error}"))
        return []


def _but(named: list[refs.Ref]) -> list[str]:
    """The options that leave out refs that lead to no commit: what is behind them is looked at by itself."""
    odd = [ref for ref in named if "commit" not in (ref.type, ref.target)]
    if not odd:
        return []
    objects = Objects()
    ends = objects.read([f"{ref.name}^{{}}" for ref in odd], 0)
    found = [f"--exclude={ref.name}" for ref, end in zip(odd, ends, strict=True) if end.type != "commit"]
    objects.close()
    return found


def _references(scanner: Scanner, named: list[refs.Ref], walk: introductions.Walk) -> Iterator[Finding]:
    """What is in the names of refs and the messages of tags. Blobs they name directly are noted in `walk`."""
    names = [ref.name.encode("utf-8", "surrogateescape") for ref in named]
    if scanner.secrets(b"\n".join(names)):  # hardly ever anything: all are looked at together first
        for ref, name in zip(named, names, strict=True):
            yield from scanner.locate(Blob(name, Origin(ref.name, "ref-name")))
    objects = Objects()
    for ref in named:
        try:
            if ref.type != "commit":
                yield from _behind(scanner, ref, objects, walk)
        except GitError as error:
            scanner.skipped.append(Skipped(ref.name, ref.id, str(error)))
            objects = Objects()
    objects.close()


def _behind(scanner: Scanner, ref: refs.Ref, objects: Objects, walk: introductions.Walk) -> Iterator[Finding]:
    """What is behind a ref that names no commit."""
    for blob in commits.directly(ref.name, ref.id, objects, scanner.policy.config.max_file_size):
        if isinstance(blob, Skipped):
            scanner.skipped.append(blob)
        elif blob.origin.kind == "blob":
            walk.first.setdefault(blob.origin.blob or "", introductions.Place(0, "", blob.origin.path))
        else:
            yield from scanner.locate(blob)


def _lost_tags(scanner: Scanner, tags: list[str], known: list[Finding]) -> Iterator[Finding]:
    """What is in the messages of those stored tags that no ref reaches; `known` is what is in the others."""
    told = {finding.blob for finding in known if finding.kind == "tag-message"}
    for tag in read_past_damage(iter(tags), scanner.policy.config.max_file_size):
        if tag.data is not None and tag.id not in told:
            message = Blob(
                tag.data.partition(b"\n\n")[2], Origin(f"message of tag {tag.id[:12]}", "tag-message", tag.id)
            )
            yield from (finding._replace(exposure="unreachable") for finding in scanner.locate(message))


def _names(scanner: Scanner, names: Iterable[bytes]) -> Iterator[Finding]:
    """What is in the paths that any commit ever had."""
    ordered = sorted(names)
    if scanner.secrets(b"\n".join(ordered)):
        for name in ordered:
            path = name.decode("utf-8", "surrogateescape")
            if not scanner.policy.excluded(path):
                found = scanner.locate(Blob(name, Origin(path, "file-name")))
                yield from (finding._replace(exposure="committed") for finding in found)
