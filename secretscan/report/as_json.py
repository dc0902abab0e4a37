"""JSON: the whole report as one document. `findings.schema.json`, beside this file, describes it."""

import json
from typing import Any, TextIO

from secretscan import __version__
from secretscan.model import Brief, Finding, Report
from secretscan.report.formats import Options
from secretscan.report.secrecy import concealed, secret


def write(report: Report, stream: TextIO, options: Options) -> None:
    """Write one JSON object, indented, in ASCII (so that any encoding of the stream will do)."""
    shown = report if options.show_secrets else concealed(report)
    stream.write(dumps(_document(shown, options), indent=2) + "\n")


def record(finding: Finding, brief: Brief, *, show_secrets: bool) -> dict[str, Any]:
    """One finding as the contract has it: these keys, in this order, null for what is unknown."""
    return {
        "rule_id": finding.rule_id,
        "provider": finding.provider,
        "secret_type": finding.rule_name,
        "confidence": finding.confidence,
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "end_line": finding.end_line,
        "end_column": finding.end_column,
        "secret": secret(finding, show=show_secrets),
        "fingerprint": finding.fingerprint,
        "occurrences": finding.occurrences,
        "commit": finding.commit,
        "author": finding.author,
        "email": finding.email,
        "date": finding.date,
        "blob": finding.blob,
        "refs": finding.refs,
        "exposure": finding.exposure,
        "remediation": {
            "summary": brief.summary,
            "revoke_url": brief.revoke_url,
            "steps": brief.steps,
            "guide": brief.guide,
        },
    }


def dumps(value: Any, indent: int | None = None) -> str:
    """`value` as JSON in ASCII. What Unicode cannot hold (odd bytes in a path) is spelled out as an escape."""
    return json.dumps(_wellformed(value), indent=indent)


def _document(report: Report, options: Options) -> dict[str, Any]:
    stats = report.stats
    return {
        "schema": 1,
        "tool": {"name": "secretscan", "version": __version__, "rules": report.rules},
        "findings": [
            record(finding, options.advise(finding), show_secrets=options.show_secrets) for finding in report.findings
        ],
        "skipped": [skipped._asdict() for skipped in report.skipped],
        "stats": {**stats._asdict(), "seconds": round(stats.seconds, 3)},
    }


def _wellformed(value: Any) -> Any:
    """The same structure without lone surrogates: many JSON readers refuse them."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {key: _wellformed(item) for key, item in value.items()}
    return [_wellformed(item) for item in value] if isinstance(value, list | tuple) else value
