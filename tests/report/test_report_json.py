"""JSON and JSON Lines: the contract with whoever reads them by machine."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from specimens import BRIEF, a_finding, a_report, a_secret, skipped, written

import secretscan.report
from secretscan import __version__
from secretscan.model import Skipped, redact

SCHEMA = json.loads((Path(secretscan.report.__file__).parent / "findings.schema.json").read_text("utf-8"))
KEYS = [
    *("rule_id", "provider", "secret_type", "confidence", "path", "line", "column", "end_line", "end_column"),
    *("secret", "fingerprint", "occurrences", "commit", "author", "email", "date", "blob", "refs", "exposure"),
    "remediation",
]
HISTORY = {
    "commit": "a" * 40,
    "author": "Ann Müller",
    "email": "ann@example.com",
    "date": "2024-05-01T10:00:00+02:00",
    "blob": "b" * 40,
    "refs": ("refs/heads/main",),
    "exposure": "pushed",
    "occurrences": 3,
}


def test_the_document_is_the_contract():
    """Keys, their order and their values are the documented ones."""
    document = json.loads(
        written(a_report(a_finding(), skipped=(Skipped("a.bin", None, "larger than 50 MB"),)), "json")
    )
    finding = document["findings"][0]
    assert list(document) == ["schema", "tool", "findings", "skipped", "stats"]
    assert document["tool"] == {"name": "secretscan", "version": __version__, "rules": 960}
    assert list(finding) == KEYS
    assert finding["secret_type"] == "Acme Deploy Token"
    assert finding["secret"] == redact(a_secret())
    assert (finding["line"], finding["column"], finding["end_line"], finding["end_column"]) == (12, 10, 12, 50)
    assert [finding[key] for key in ("commit", "author", "email", "date", "blob")] == [None] * 5
    assert finding["remediation"] == {
        "summary": BRIEF.summary,
        "revoke_url": BRIEF.revoke_url,
        "steps": list(BRIEF.steps),
        "guide": BRIEF.guide,
    }
    assert document["skipped"] == [{"path": "a.bin", "object": None, "reason": "larger than 50 MB"}]
    assert document["stats"] == {"files": 3, "blobs": 3, "bytes": 4096, "lines": 212, "seconds": 0.031}


@pytest.mark.parametrize("other", [{}, HISTORY, {"kind": "stdin", "path": "-", "text": ""}])
def test_the_document_fits_its_schema(other):
    """What is written is what the published schema allows, for findings with and without a history."""
    report = a_report(a_finding(**other), skipped=skipped(2))
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(json.loads(written(report, "json")))


def test_the_schema_demands_every_key():
    """The schema would notice a lost key: it requires all of them."""
    assert SCHEMA["$defs"]["finding"]["required"] == KEYS
    document = json.loads(written(a_report(a_finding()), "json"))
    del document["findings"][0]["fingerprint"]
    assert not Draft202012Validator(SCHEMA).is_valid(document)


def test_jsonl_has_one_finding_a_line_with_the_same_keys():
    """Each line is a finding as the JSON document has it; no finding, no line."""
    report = a_report(a_finding(), a_finding(**HISTORY), skipped=skipped(1))
    lines = written(report, "jsonl").splitlines()
    assert [json.loads(line) for line in lines] == json.loads(written(report, "json"))["findings"]
    for line in lines:
        Draft202012Validator({"$ref": "#/$defs/finding", "$defs": SCHEMA["$defs"]}).validate(json.loads(line))
    assert written(a_report(), "jsonl") == ""


def test_the_secret_is_shown_only_when_asked_for():
    """`show_secrets` puts the value in clear, bytes that are no text as escapes."""
    value = b"\xff\xfe" + a_secret()
    report = a_report(a_finding(value, text=""))
    assert json.loads(written(report, "json", show_secrets=True))["findings"][0]["secret"] == (
        "\\xff\\xfe" + a_secret().decode()
    )
    assert a_secret().decode() not in written(report, "json")


@pytest.mark.parametrize("form", ["json", "jsonl", "sarif"])
@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8", "utf-16"])
def test_any_stream_takes_it(form, encoding):
    """Odd bytes in a path (surrogates) and letters outside the stream's encoding never stop a report."""
    odd = b"caf\xe9/\xd0\xb6.py".decode("utf-8", "surrogateescape")
    text = written(a_report(a_finding(path=odd, author="Жанна", commit="a" * 40)), form, encoding)
    assert json.loads(text)
    assert "\\udce9" not in text.replace("\\\\udce9", "")  # never half a character, which strict readers refuse
