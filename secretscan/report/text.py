"""Text for people: what stopped the commit, how far it got, what to do now. The face of the product."""

from typing import TextIO

from secretscan.model import Brief, Finding, Report, redact
from secretscan.report.coverage import coverage, not_scanned
from secretscan.report.formats import Options
from secretscan.report.secrecy import concealed, source
from secretscan.report.terminal import WIDTH, encodable, excerpt, visible, width

_LINES = 15  # of one finding; steps beyond them are counted, and stand in the guide
_GUTTER = 6  # cells for the line number
_COLORS = {"high": "1;31", "medium": "1;33", "low": "1;36", "bold": "1", "good": "32", "bad": "1;31"}
_INSIDE = {
    "commit-message": "in the commit message",
    "message": "in the commit message",
    "tag-message": "in the tag message",
    "ref-name": "in the name of the ref",
    "file-name": "in the name of the file",
}
_NO_PROVIDER = ("", "generic", "json-web-token", "private-key")
_LOCAL = ("staged", "working-tree")


def write(report: Report, stream: TextIO, options: Options) -> None:
    """Write all findings, then what was skipped, then one line of coverage; in one piece.

    The first finding of a rule is told in full (at most 15 lines), later ones in at most 4. With `quiet`, nothing is
    written where nothing was found and nothing skipped.
    """
    if options.quiet and not report.findings and not report.skipped:
        return
    shown = report if options.show_secrets else concealed(report)
    encoding: str | None = stream.encoding
    blocks = [*_findings(shown, options, encoding), not_scanned(shown.skipped)]
    last = _paint(coverage(shown), "bad" if shown.findings else "good", options)
    text = "".join("\n".join(block) + "\n\n" for block in blocks if block) + last + "\n"
    stream.write(encodable(text, encoding))


def _findings(report: Report, options: Options, encoding: str | None) -> list[list[str]]:
    blocks: list[list[str]] = []
    told: dict[str, set[str]] = {}  # rule id to the fingerprints told so far
    marks: dict[tuple[object, ...], int] = {}  # how many secrets at this place look like this one
    for finding in report.findings:
        place = (finding.path, finding.blob, finding.commit, finding.line, redact(finding.value))
        code = _code(finding, options, encoding, nth=marks.get(place, 0))
        marks[place] = marks.get(place, 0) + 1
        if finding.rule_id in told:
            same = finding.fingerprint in told[finding.rule_id]
            blocks.append([_headline(finding, options), *code[:1], *_history(finding), _as_above(finding, same=same)])
        else:
            blocks.append(_full(finding, code, options))
        told.setdefault(finding.rule_id, set()).add(finding.fingerprint)
    return blocks


def _full(finding: Finding, code: list[str], options: Options) -> list[str]:
    brief = options.advise(finding)
    brief = brief._replace(replacement="") if finding.kind in _INSIDE else brief  # no line that could be replaced
    head = [_headline(finding, options), *code, *_history(finding)]
    head += [line for line in (visible(brief.summary), _exposure(finding)) if line]
    tail = [f"Write instead: {visible(brief.replacement)}"] if brief.replacement else []
    room = _LINES - len(head) - len(tail) - 2  # for what follows here
    steps, untold = _steps(finding, brief, room, options)
    more = f"More ({untold} further steps): " if untold > 1 else "More (1 further step): " if untold else "More: "
    tail.append(f"{more}{visible(brief.guide)} · fingerprint {finding.fingerprint}")
    return [*head, *steps, *tail, _false_alarm(finding)]


def _headline(finding: Finding, options: Options) -> str:
    place = _paint(f"{visible(finding.path)}:{finding.line}:{finding.column}", "bold", options)
    confidence = _paint(f"{finding.confidence} confidence", finding.confidence, options)
    inside = f" · {_INSIDE[finding.kind]}" if finding.kind in _INSIDE else ""
    end = f" · to line {finding.end_line}" if finding.end_line > finding.line else ""
    return f"{place}  {visible(finding.rule_name)} · {confidence}{inside}{end}"


def _code(finding: Finding, options: Options, encoding: str | None, nth: int) -> list[str]:
    """The source line, cut to the terminal around the secret, and carets under the secret where its place is known."""
    if not finding.text:
        return []
    before, secret, after = source(finding, show=options.show_secrets, nth=nth)
    if not secret:
        before, after = "", before  # its place is unknown: show the start of the line
    number = f"{finding.line:>{_GUTTER}} | "
    before, secret, after = excerpt((before, secret, after), WIDTH - len(number), encoding)
    code = f"{number}{before}{secret}{after.rstrip()}"
    carets = _paint("^" * width(secret), "bad", options)
    return [code, f"{'| ':>{len(number)}}{' ' * width(before)}{carets}"] if secret else [code]


def _history(finding: Finding) -> list[str]:
    """Which commit brought it in, how often it stands there, which refs still hold it; no line where unknown."""
    commit = f"commit {finding.commit[:10]}" if finding.commit else ""
    who = ", ".join(part for part in (commit, finding.author, finding.date and finding.date[:10]) if part)
    times = f"{finding.occurrences:,} occurrences" if finding.occurrences > 1 else ""
    refs = f"still in {_names(finding.refs)}" if finding.refs else ""
    line = " · ".join(part for part in (who, times, refs) if part)
    return [visible(line[0].upper() + line[1:])] if line else []


def _names(refs: tuple[str, ...]) -> str:
    """Two names, and how many more."""
    short = [visible(_short(ref)) for ref in refs]
    more = f" and {len(short) - 2:,} more" if len(short) > 2 else ""
    return ("{}, {}" if more else "{} and {}").format(*short[:2]) + more if len(short) > 1 else "".join(short)


def _short(ref: str) -> str:
    kind, _, name = ref.removeprefix("refs/").partition("/")
    return name if ref.startswith("refs/") and kind in ("heads", "remotes", "tags") else ref


def _exposure(finding: Finding) -> str:
    """How far it got, in one sentence; nothing where that is unknown."""
    commit = f" in {finding.commit[:10]}" if finding.commit else ""
    remote = f"on {_names(finding.exposed_on)}" if finding.exposed_on else "pushed"
    return {
        "staged": "Only staged: it has not left this machine, so replacing it is enough.",
        "working-tree": "Only in the working tree, not committed: replacing it is enough.",
        "committed": f"Committed here{commit}, not pushed: take it out of the commit before you push.",
        "pushed": f"Already {remote}: revoke it first, then take it out of the code.",
        "unreachable": f"On no branch or tag, but still stored here{commit}. It may have been pushed once: revoke it.",
    }.get(finding.exposure, "")


def _as_above(finding: Finding, *, same: bool) -> str:
    what = "The same secret as above." if same else "What to do: as above."
    return f"{_exposure(finding)} {what}".lstrip()


def _steps(finding: Finding, brief: Brief, room: int, options: Options) -> tuple[list[str], int]:
    """The numbered steps that fit into `room` lines, and how many of the provider's did not."""
    at = "" if finding.provider in _NO_PROVIDER else f" at {visible(brief.provider or _provider(finding))}"
    local = _local(finding, brief)
    lines = [_paint("Do now:", "bold", options), *_numbered(local)] if local else []
    heading = f"If it ever left this machine{',' if at else ''}{at}:" if local else f"Do now{at}:"
    fit = max(room - len(lines) - 1, 0)
    if brief.steps[:fit]:
        lines += [_paint(heading, "bold", options), *_numbered(brief.steps[:fit])]
    return lines, len(brief.steps[fit:])


def _local(finding: Finding, brief: Brief) -> tuple[str, ...]:
    """What to do first, while the secret is still only here."""
    if finding.exposure not in _LOCAL:
        return ()
    if finding.kind in ("message", "commit-message"):
        return ("Take it out of the message, and commit again.",)
    if finding.kind == "file-name":
        return ("Rename the file, and stage it under its new name.",)
    replace = "Replace it as shown below" if brief.replacement else "Replace it by a look-up in your secret store"
    if finding.exposure == "working-tree":
        return (f"{replace}.",)
    path = _quoted(finding.path)
    return f"{replace}, then: git add {path}", f"Or keep the file out of this commit: git reset -- {path}"


def _numbered(steps: tuple[str, ...]) -> list[str]:
    return [f"  {number}. {visible(step)}" for number, step in enumerate(steps, 1)]


def _provider(finding: Finding) -> str:
    """The provider as the rule's name spells it (circleci: CircleCI), else its id."""
    words = finding.rule_name.split()
    for end in range(1, len(words) + 1):
        if _letters("".join(words[:end])) == _letters(finding.provider):
            return " ".join(words[:end])
    return finding.provider


def _letters(text: str) -> str:
    return "".join(char for char in text.lower() if char.isalnum())


def _quoted(path: str) -> str:
    """The path as a shell takes it."""
    path = f"./{path}" if path.startswith("-") else path
    plain = path.replace("/", "").replace(".", "").replace("_", "").replace("-", "")
    return path if plain.isalnum() and plain.isascii() else "'" + path.replace("'", "'\\''") + "'"


def _false_alarm(finding: Finding) -> str:
    if finding.kind in _INSIDE:
        return "False alarm? Record it: secretscan baseline update"
    return f"False alarm? Add  secretscan:ignore {visible(finding.rule_id)} <reason>  as a comment on the line."


def _paint(text: str, style: str, options: Options) -> str:
    return f"\x1b[{_COLORS[style]}m{text}\x1b[0m" if options.color else text
