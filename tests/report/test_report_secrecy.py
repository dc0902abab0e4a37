"""Whatever is found wherever: no format gives a secret away."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from specimens import ALPHABET, a_finding, a_report, a_secret, written

from secretscan.model import Skipped, redact
from secretscan.report.formats import FORMATS

PIECE = 8  # characters of a secret that would be too many

texts = st.text(st.characters(codec="utf-8"), max_size=60)
long_texts = st.tuples(texts, st.integers(1, 40)).map(lambda pair: pair[0] * pair[1])
lines = st.one_of(texts, long_texts).map(lambda text: text.replace("\n", " "))
seeds = st.integers(0, 2**32)
tokens = st.builds(a_secret, seeds, st.integers(12, 80))
values = st.one_of(
    tokens,
    st.lists(tokens, min_size=2, max_size=8).map(b"\n".join),
    st.builds(b"%s\xff\xfe%s".__mod__, st.tuples(tokens, tokens)),  # bytes that are no text
)
exposures = st.sampled_from(["staged", "committed", "pushed", "unreachable", "working-tree", "unknown"])
kinds = st.sampled_from(["file", "index", "blob", "commit-message", "tag-message", "ref-name", "file-name", "stdin"])


@st.composite
def findings(draw):
    """A finding anywhere, of any secret; in the name of a file or ref, the secret stands in the path itself."""
    value, kind = draw(values), draw(kinds)
    spelled = value.decode("utf-8", "surrogateescape")
    path = f"{draw(texts)}/{spelled}.txt" if kind in ("file-name", "ref-name") else "src/settings.py"
    return a_finding(
        value,
        draw(lines),
        draw(lines),
        kind=kind,
        path=path,
        exposure="pushed" if kind == "ref-name" else draw(exposures),
        refs=(f"refs/heads/{spelled}", "refs/heads/main") if kind == "ref-name" else (),
        exposed_on=(f"refs/remotes/origin/{spelled}",) if kind == "ref-name" else (),
        commit=draw(st.sampled_from([None, "a" * 40])),
        end_line=12 + value.count(b"\n"),
        rule_id=draw(st.sampled_from(["acme-deploy-token", "acme-key"])),
    )


def pieces(value):
    """All parts of eight characters: random, so they stand nowhere else by chance, and four may be shown, not eight."""
    text = value.decode("utf-8", "replace")
    return {text[start : start + PIECE] for start in range(len(text) - PIECE + 1)}


def spoken(form, output):
    """The report's texts as a reader gets them, escapes resolved."""
    if form == "text":
        return output
    documents = [json.loads(line) for line in output.splitlines()] if form == "jsonl" else [json.loads(output)]
    return "\n".join(json.dumps(document, ensure_ascii=False) for document in documents)


@pytest.mark.parametrize("form", FORMATS)
@settings(deadline=None)
@given(found=st.lists(findings(), min_size=1, max_size=4), color=st.booleans())
def test_no_piece_of_a_secret_is_written(form, found, color):
    """No eight characters in a row of any secret appear, in the bytes written or in what they mean to a reader."""
    output = written(a_report(*found), form, color=color)
    for finding in found:
        for piece in pieces(finding.value):
            assert piece not in output
            assert piece not in spoken(form, output)


@pytest.mark.parametrize("form", FORMATS)
@settings(deadline=None)
@given(tail=st.text(ALPHABET, min_size=36, max_size=36), other=st.text(ALPHABET, min_size=36, max_size=36))
def test_two_secrets_with_the_same_start_give_the_same_report(form, tail, other):
    """Nothing written depends on a secret, but for its first four characters: not even its hash or length slips out."""
    one, two = (a_finding(b"acme" + text.encode(), exposure="staged") for text in (tail, other))
    assert written(a_report(one), form) == written(a_report(two), form)


@pytest.mark.parametrize("form", FORMATS)
def test_a_secret_in_a_file_name_is_hidden_from_all_findings_and_skips(form):
    """A file named after a secret may hold others, or be unreadable: its name is redacted there, too."""
    value = a_secret()
    path = f"keys/{value.decode()}.txt"
    report = a_report(
        a_finding(value, kind="file-name", path=path),
        a_finding(a_secret(2), path=path, rule_id="other"),
        skipped=(Skipped(path, None, f"cannot read {path}"),),
    )
    assert value.decode() not in written(report, form)
    assert value.decode() in written(report, form, show_secrets=True)


@pytest.mark.parametrize("form", FORMATS)
def test_a_secret_that_begins_another_leaves_no_rest_of_it(form):
    """Where one secret is the start of a longer one in a name, the longer is hidden whole."""
    long = a_secret(length=60)
    findings = (a_finding(value, kind="file-name", path=f"keys/{long.decode()}") for value in (long[:20], long))
    assert long[20:].decode() not in written(a_report(*findings), form)


def test_a_short_secret_does_not_blot_out_the_path():
    """A short password that is also a common word leaves the path readable."""
    assert "test/test_x.py:12:10" in written(a_report(a_finding(b"test", path="test/test_x.py")))


def test_other_secrets_on_the_line_stay_redacted():
    """Showing one secret does not show its neighbour, which the scanner redacted in the line."""
    first, second = a_secret(1), a_secret(2)
    finding = a_finding(first, after=f'" "{redact(second)}"')
    output = written(a_report(finding), show_secrets=True)
    assert first.decode() in output
    assert redact(second) in output
