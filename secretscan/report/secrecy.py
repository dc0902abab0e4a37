"""What may be shown of a secret, wherever it stands: in its line, in a path, in the name of a ref."""

from secretscan.model import Finding, Report, Skipped, redact

_NAMES = ("file-name", "ref-name")
_LONG = 8  # characters; a shorter value may well stand in a path by chance

_Marks = list[tuple[str, str]]  # a secret, and what is shown in its place


def secret(finding: Finding, *, show: bool) -> str:
    """The secret whole, undecodable bytes as escapes, if `show`; otherwise redacted."""
    return finding.value.decode("utf-8", "backslashreplace") if show else redact(finding.value)


def source(finding: Finding, *, show: bool, nth: int = 0) -> tuple[str, str, str]:
    """The source line in three parts: before the secret, the secret as it may be shown, after it.

    `nth` chooses between marks that look the same (0 is the first). Where the line has no mark, the second and third
    part are empty.
    """
    mark = redact(finding.value)
    parts = finding.text.split(mark)
    if len(parts) == 1:
        return finding.text, "", ""
    cut = min(nth, len(parts) - 2) + 1
    return mark.join(parts[:cut]), secret(finding, show=show), mark.join(parts[cut:])


def concealed(report: Report) -> Report:
    """The same report without any secret in its paths, refs and lines. Only `Finding.value` still holds it.

    A secret found in the name of a file or ref is taken out of every finding and of all that was skipped.
    """
    named = (finding for finding in report.findings if finding.kind in _NAMES)
    names = [_mark(finding) for finding in named if len(finding.value) >= _LONG]
    return report._replace(
        findings=tuple(_conceal(finding, names) for finding in report.findings),
        skipped=tuple(_skip(skipped, names) for skipped in report.skipped),
    )


def _mark(finding: Finding) -> tuple[str, str]:
    return finding.value.decode("utf-8", "surrogateescape"), redact(finding.value)


def _conceal(finding: Finding, names: _Marks) -> Finding:
    own = finding.kind in _NAMES or len(finding.value) >= _LONG
    marks = [*names, _mark(finding)] if own else names
    return finding._replace(
        path=_hide(finding.path, marks),
        text=_hide(finding.text, marks),
        refs=tuple(_hide(ref, marks) for ref in finding.refs),
        exposed_on=tuple(_hide(ref, marks) for ref in finding.exposed_on),
    )


def _skip(skipped: Skipped, names: _Marks) -> Skipped:
    return skipped._replace(path=skipped.path and _hide(skipped.path, names), reason=_hide(skipped.reason, names))


def _hide(text: str, marks: _Marks) -> str:
    for value, shown in sorted(marks, key=lambda mark: -len(mark[0])):  # the longest first: one may begin another
        text = text.replace(value, shown) if value else text
    return text
