"""Findings to report, with secrets made up at test time, and the doors through which a report goes out."""

import io
import random
import string

from secretscan.model import Brief, Finding, Report, Skipped, Stats, redact
from secretscan.report.formats import Options, writer

ALPHABET = string.ascii_letters + string.digits
BRIEF = Brief(
    summary="Starts, reads and changes every pipeline of its owner.",
    steps=(
        "Create the replacement: Settings → Tokens https://console.example/tokens?a=1",
        "Delete the old token there.",
        "Look for builds that you did not start.",
    ),
    revoke_url="https://console.example/tokens",
    replacement='token = os.environ["ACME_TOKEN"]',
    guide="secretscan explain acme-deploy-token",
)


def a_secret(seed: int = 1, length: int = 40) -> bytes:
    """A token that looks real; the same for the same seed."""
    return "".join(random.Random(seed).choices(ALPHABET, k=length)).encode()


def a_finding(value: bytes | None = None, before: str = 'token = "', after: str = '"', **other: object) -> Finding:
    """A finding of `value` on the line `before` + secret + `after`, as the scanner hands it over."""
    value = a_secret() if value is None else value
    start = {"line": 12, "column": len(before) + 1}
    end = {"end_line": other.get("line", 12), "end_column": len(before) + len(value) + 1}
    known = {
        "rule_id": "acme-deploy-token",
        "rule_name": "Acme Deploy Token",
        "provider": "acme",
        "confidence": "high",
        "path": "deploy/ci.py",
        "fingerprint": "5f0c2a9be1d3",
        "text": before + redact(value) + after,
    }
    return Finding(**{**known, **start, **end, "value": value, **other})


def a_report(*findings: Finding, **other: object) -> Report:
    """A report of these findings in three files."""
    known = {"skipped": (), "stats": Stats(files=3, blobs=3, bytes=4096, lines=212, seconds=0.031), "rules": 960}
    return Report(findings=findings, **{**known, **other})


def skipped(count: int) -> tuple[Skipped, ...]:
    """So many files that could not be scanned."""
    return tuple(Skipped(f"data/{number}.bin", None, "larger than 50 MB") for number in range(count))


def written(
    report: Report, form: str = "text", encoding: str | None = None, brief: Brief = BRIEF, **asked: bool
) -> str:
    """What the format writes, on a stream of that encoding (none: a stream that takes any text)."""
    options = Options(advise=lambda _: brief, **asked)
    if encoding is None:
        stream = io.StringIO()
        writer(form)(report, stream, options)
        return stream.getvalue()
    wrapped = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict", newline="\n")
    writer(form)(report, wrapped, options)
    wrapped.flush()
    return wrapped.buffer.getvalue().decode(encoding)
