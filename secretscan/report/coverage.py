"""What a scan covered and what it did not, in plain words."""

from secretscan.model import Report, Skipped
from secretscan.report.terminal import visible

_LISTED = 20


def coverage(report: Report) -> str:
    """One line: what was found, how much was read in what time, what was skipped and allowed."""
    stats = report.stats
    read = [_count(stats.files, "file") if stats.files or not stats.blobs else _count(stats.blobs, "blob")]
    read.append(_count(stats.lines, "line") if stats.lines or not stats.bytes else _size(stats.bytes))
    parts = [_found(report), f"{', '.join(read)} scanned in {_time(stats.seconds)}"]
    parts += [f"{len(report.skipped):,} skipped"] if report.skipped else []
    parts += [f"{report.allowed:,} allowed"] if report.allowed else []
    return " · ".join(parts)


def not_scanned(skipped: tuple[Skipped, ...]) -> list[str]:
    """A heading and a line for each, with its reason; after twenty, how many more. Nothing for nothing."""
    if not skipped:
        return []
    more = len(skipped) - _LISTED
    lines = ["Not scanned:", *(f"  {_name(one)}{visible(one.reason)}" for one in skipped[:_LISTED])]
    return [*lines, f"  and {more:,} more"] if more > 0 else lines


def _name(skipped: Skipped) -> str:
    name = skipped.path or (skipped.object and f"object {skipped.object}")
    return f"{visible(name)}: " if name else ""


def _found(report: Report) -> str:
    """A secret is counted once, at however many places it stands."""
    if not report.findings:
        return "No secrets"
    secrets = len({finding.fingerprint for finding in report.findings})
    places = f" at {len(report.findings):,} places" if len(report.findings) > secrets else ""
    files = len({finding.path for finding in report.findings})
    return f"{_count(secrets, 'secret')}{places} in {_count(files, 'file')}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _size(size: int) -> str:
    """Bytes in powers of 1,000."""
    if size < 1000:
        return _count(size, "byte")
    scaled, units = size / 1000, ["kB", "MB", "GB", "TB"]
    while scaled >= 1000 and len(units) > 1:
        scaled, units = scaled / 1000, units[1:]
    return f"{scaled:.1f} {units[0]}"


def _time(seconds: float) -> str:
    if seconds < 0.01:
        return "under 0.01 s"
    return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:,.0f} s"
