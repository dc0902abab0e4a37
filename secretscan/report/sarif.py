"""SARIF 2.1.0, as GitHub code scanning and other viewers take it. Columns count characters."""

from typing import Any, TextIO
from urllib.parse import quote

from secretscan import __version__
from secretscan.model import CONFIDENCES, Brief, Finding, Report, Skipped
from secretscan.report.as_json import dumps
from secretscan.report.formats import Options
from secretscan.report.secrecy import concealed, source
from secretscan.report.terminal import excerpt

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_SEVERITY = {"high": "9.5", "medium": "7.5", "low": "3.0"}  # GitHub: over 9 critical, from 7 high, under 4 low
_LONGEST = 1024  # characters that GitHub takes of a description
_EXCERPT = 100  # characters of the source line in a message


def write(report: Report, stream: TextIO, options: Options) -> None:
    """Write one SARIF log with one run, in ASCII. Only the rules that found something are described."""
    shown = report if options.show_secrets else concealed(report)
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(shown, options)]}
    stream.write(dumps(log, indent=2) + "\n")


def _run(report: Report, options: Options) -> dict[str, Any]:
    found = [(finding, options.advise(finding)) for finding in report.findings]
    rules = _rules(found)
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    driver = {"name": "secretscan", "semanticVersion": __version__, "rules": rules}
    invocation = {
        "executionSuccessful": True,
        "toolExecutionNotifications": [_notification(skipped) for skipped in report.skipped],
    }
    return {
        "tool": {"driver": driver},
        "invocations": [invocation],
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, brief, index, options) for finding, brief in found],
    }


def _rules(found: list[tuple[Finding, Brief]]) -> list[dict[str, Any]]:
    """A descriptor for each rule, in order of first use, with the highest confidence among its findings."""
    first: dict[str, tuple[Finding, Brief]] = {}
    confidence: dict[str, str] = {}
    for finding, brief in found:
        first.setdefault(finding.rule_id, (finding, brief))
        so_far = confidence.get(finding.rule_id, finding.confidence)
        confidence[finding.rule_id] = max(so_far, finding.confidence, key=CONFIDENCES.index)
    return [_rule(finding, brief, confidence[rule_id]) for rule_id, (finding, brief) in first.items()]


def _rule(finding: Finding, brief: Brief, confidence: str) -> dict[str, Any]:
    return {
        "id": finding.rule_id,
        "name": finding.rule_name[:255],
        "shortDescription": {"text": finding.rule_name[:_LONGEST]},
        "fullDescription": {"text": (brief.summary or finding.rule_name)[:_LONGEST]},
        "help": {"text": _help(finding, brief), "markdown": _help(finding, brief, strong="**").replace("<", "&lt;")},
        "defaultConfiguration": {"level": _level(confidence)},
        "properties": {
            "tags": ["security", "secret"],
            "precision": confidence,
            "security-severity": _SEVERITY[confidence],
        },
    }


def _help(finding: Finding, brief: Brief, strong: str = "") -> str:
    steps = "\n".join(f"{number}. {step}" for number, step in enumerate(brief.steps, 1))
    revoke = f"Revoke it at {brief.revoke_url}" if brief.revoke_url else ""
    guide = f"The whole guide: {brief.guide}" if brief.guide else ""
    title = f"{strong}{finding.rule_name}{strong}"
    return "\n\n".join(part for part in (title, brief.summary, steps, revoke, guide) if part)


def _level(confidence: str) -> str:
    return "note" if confidence == "low" else "error"


def _result(finding: Finding, brief: Brief, index: dict[str, int], options: Options) -> dict[str, Any]:
    region = {
        "startLine": finding.line,
        "startColumn": finding.column,
        "endLine": finding.end_line,
        "endColumn": finding.end_column,
    }
    return {
        "ruleId": finding.rule_id,
        "ruleIndex": index[finding.rule_id],
        "level": _level(finding.confidence),
        "message": {"text": _message(finding, brief, show_secrets=options.show_secrets)},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(finding.path)}, "region": region}}],
        "partialFingerprints": {"secretscan/v1": finding.fingerprint},
        "occurrenceCount": finding.occurrences,
        **_history(finding),
    }


def _message(finding: Finding, brief: Brief, *, show_secrets: bool) -> str:
    before, shown, after = source(finding, show=show_secrets)
    line = f": {''.join(excerpt((before.lstrip(), shown, after.rstrip()), _EXCERPT))}" if finding.text else ""
    step = f" Next: {brief.steps[0]}" if brief.steps else ""
    return f"{finding.rule_name}{line}.{step}"


def _history(finding: Finding) -> dict[str, Any]:
    """Who brought it in and when, as a result's property bag; nothing where the scan did not read history."""
    known = {"commit": finding.commit, "author": finding.author, "date": finding.date}
    properties = {key: value for key, value in known.items() if value}
    return {"properties": properties} if properties else {}


def _notification(skipped: Skipped) -> dict[str, Any]:
    name = skipped.path or skipped.object
    text = f"{name} was not scanned: {skipped.reason}" if name else f"Not scanned: {skipped.reason}"
    notification: dict[str, Any] = {"level": "warning", "message": {"text": text}}
    if skipped.path:
        notification["locations"] = [{"physicalLocation": {"artifactLocation": {"uri": _uri(skipped.path)}}}]
    return notification


def _uri(path: str) -> str:
    """A relative path as a relative URI, an absolute one (`/x`, `C:/x`) as a file URI; every odd byte as %XX."""
    quoted = quote(_octets(path.removeprefix("./")))
    if path.startswith("/"):
        return f"file://{quoted}"
    return f"file:///{path[0]}:{quoted[4:]}" if path[1:3] == ":/" else quoted


def _octets(path: str) -> bytes:
    try:
        return path.encode("utf-8", "surrogateescape")  # the very bytes of a name that is no UTF-8
    except UnicodeEncodeError:
        return path.encode("utf-8", "surrogatepass")  # half a character, as Windows allows it in names
