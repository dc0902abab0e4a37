"""The message on the screen: short, true, safe for the terminal, and complete."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from specimens import BRIEF, a_finding, a_report, a_secret, skipped, written

from secretscan.model import Brief, Skipped, Stats, redact

SHOWN = redact(a_secret())


def blocks(output):
    """The paragraphs of a report, as lists of lines."""
    return [block.split("\n") for block in output.rstrip("\n").split("\n\n")]


def code_of(output):
    """The source line and the carets below it, without the gutter."""
    lines = output.split("\n")
    return lines[1].partition(" | ")[2], lines[2].partition(" | ")[2]


def cells(text):
    """Columns that a terminal needs."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def test_a_blocked_commit():
    """The whole message for one staged secret, word by word."""
    assert written(a_report(a_finding(exposure="staged"))) == (
        f"deploy/ci.py:12:10  Acme Deploy Token · high confidence\n"
        f'    12 | token = "{SHOWN}"\n'
        f"       |          ^^^^^^^^^^^^^^^\n"
        f"Starts, reads and changes every pipeline of its owner.\n"
        f"Only staged: it has not left this machine, so replacing it is enough.\n"
        f"Do now:\n"
        f"  1. Replace it as shown below, then: git add deploy/ci.py\n"
        f"  2. Or keep the file out of this commit: git reset -- deploy/ci.py\n"
        f"If it ever left this machine, at Acme:\n"
        f"  1. Create the replacement: Settings → Tokens https://console.example/tokens?a=1\n"
        f"  2. Delete the old token there.\n"
        f"  3. Look for builds that you did not start.\n"
        f'Write instead: token = os.environ["ACME_TOKEN"]\n'
        f"More: secretscan explain acme-deploy-token · fingerprint 5f0c2a9be1d3\n"
        f"False alarm? Add  secretscan:ignore acme-deploy-token <reason>  as a comment on the line.\n"
        f"\n"
        f"1 secret in 1 file · 3 files, 212 lines scanned in 0.03 s\n"
    )


def test_a_pushed_secret_is_revoked_first():
    """What is on a remote is told so by name, and the provider's steps come at once."""
    finding = a_finding(
        exposure="pushed",
        exposed_on=("refs/remotes/origin/main", "refs/remotes/origin/next", "refs/remotes/fork/main"),
        commit="0123456789abcdef" * 2,
        author="Ann",
        date="2024-05-01T10:00:00+02:00",
        occurrences=3,
        refs=("refs/heads/main", "refs/tags/v1", "refs/stash"),
    )
    lines = blocks(written(a_report(finding)))[0]
    assert lines[3] == "Commit 0123456789, Ann, 2024-05-01 · 3 occurrences · still in main, v1 and 1 more"
    assert lines[5:8] == [
        "Already on origin/main, origin/next and 1 more: revoke it first, then take it out of the code.",
        "Do now at Acme:",
        f"  1. {BRIEF.steps[0]}",
    ]


@pytest.mark.parametrize(
    ("exposure", "says"),
    [
        ("committed", "Committed here in aaaaaaaaaa, not pushed:"),
        ("pushed", "Already pushed: revoke it first"),
        ("unreachable", "On no branch or tag, but still stored here in aaaaaaaaaa."),
        ("working-tree", "Only in the working tree, not committed:"),
    ],
)
def test_how_far_it_got(exposure, says):
    """Each exposure has its own sentence."""
    assert says in written(a_report(a_finding(exposure=exposure, commit="a" * 40)))


def test_nothing_is_claimed_where_exposure_is_unknown():
    """Of an unknown exposure nothing is said, neither comfort nor alarm."""
    lines = blocks(written(a_report(a_finding(exposure="unknown"))))[0]
    assert lines[3:5] == [BRIEF.summary, "Do now at Acme:"]


@pytest.mark.parametrize(
    ("provider", "name", "heading"),
    [
        ("circleci", "CircleCI Project API Token", "Do now at CircleCI:"),
        ("google-cloud", "Google Cloud API Key", "Do now at Google Cloud:"),
        ("aws", "Access Key ID", "Do now at aws:"),
        ("generic", "Private Key", "Do now:"),
    ],
)
def test_the_provider_is_named_as_it_names_itself(provider, name, heading):
    """The heading takes the spelling from the rule's name; secrets of no provider have none."""
    assert f"\n{heading}\n" in written(a_report(a_finding(provider=provider, rule_name=name)))


exposures = st.sampled_from(["staged", "committed", "pushed", "unreachable", "working-tree", "unknown"])


@settings(deadline=None)
@given(exposures, st.integers(0, 12), st.booleans(), st.booleans())
def test_a_finding_takes_at_most_fifteen_lines(exposure, steps, history, replacement):
    """However many steps there are: those left out are counted, and the command for all of them is there."""
    told = tuple(f"Step {number}." for number in range(steps))
    brief = Brief("Opens all.", told, "", "x = y" if replacement else "", "secretscan explain x")
    known = {"commit": "a" * 40, "author": "Ann", "occurrences": 2} if history else {}
    output = written(a_report(a_finding(exposure=exposure, **known)), brief=brief)
    (lines, _) = blocks(output)
    left = sum(step not in output for step in told)
    assert len(lines) <= 15
    assert left < max(steps, 1)
    assert left == 0 or f"More ({left} further step{'s' * (left > 1)}): secretscan explain x" in output


def test_later_findings_of_a_rule_are_short():
    """The first of fifty is told in full, the others in at most four lines with place, line and history."""
    many = [a_finding(line=number, commit="a" * 40, author="Ann", exposure="pushed") for number in range(1, 51)]
    first, second, *_rest, _coverage = blocks(written(a_report(*many)))
    assert len(first) > 8
    assert second == [
        "deploy/ci.py:2:10  Acme Deploy Token · high confidence",
        f'     2 | token = "{SHOWN}"',
        "Commit aaaaaaaaaa, Ann",
        "Already pushed: revoke it first, then take it out of the code. The same secret as above.",
    ]
    assert all(len(block) <= 4 for block in blocks(written(a_report(*many)))[1:])


def test_every_rule_is_told_in_full_once():
    """A second rule is not "as above"; a second secret of the first rule is, and is not called the same."""
    output = written(a_report(a_finding(), a_finding(rule_id="b"), a_finding(fingerprint="other")))
    assert [len(block) > 8 for block in blocks(output)] == [True, True, False, False]
    assert blocks(output)[2][-1] == "What to do: as above."


@pytest.mark.parametrize("before", ['token = "', "\t\tkey: ", "日本語 = ", "x" * 5000, "cafe\u0301 = '", ""])
@pytest.mark.parametrize("after", ['"', "y" * 5000, "語" * 300, "\t// why"])
def test_carets_stand_under_the_secret(before, after):
    """Tabs, wide and combining characters and cut lines do not move the carets off the secret."""
    line, carets = code_of(written(a_report(a_finding(before=before, after=after))))
    start = cells(line.split(SHOWN)[0])
    assert carets == " " * start + "^" * cells(SHOWN)
    assert cells(line) <= 91


def test_carets_stand_under_the_secret_in_line_ten_million():
    """A line number that is wider than usual moves the carets with the line."""
    lines = written(a_report(a_finding(line=10_000_000))).split("\n")
    assert lines[2].index("^") == lines[1].index(SHOWN)


def test_a_long_line_is_cut_at_both_ends():
    """Of a minified file, what stands next to the secret on both sides is shown, and the cuts are marked."""
    line, _ = code_of(written(a_report(a_finding(before="x" * 5000 + 'key="', after='";' + "y" * 5000))))
    assert line.startswith("...x")
    assert f'key="{SHOWN}";' in line
    assert line.endswith("y...")


@pytest.mark.parametrize(("before", "after"), [("k=", "y" * 5000), ("x" * 5000, ";")])
def test_room_that_one_side_does_not_need_goes_to_the_other(before, after):
    """A secret at the start or end of a long line is shown with a whole width of what stands next to it."""
    line, _ = code_of(written(a_report(a_finding(before=before, after=after))))
    assert cells(line) == 91


def test_tabs_are_shown_as_spaces():
    """Indentation looks like indentation, at whatever tab stops the terminal has."""
    line, _ = code_of(written(a_report(a_finding(before='\tkey:\t"'))))
    assert line == f'    key:    "{SHOWN}"'


def test_the_second_secret_of_a_line_has_its_own_carets():
    """Two secrets that look alike once redacted are still told apart, in the order of the report."""
    one, two = b"acme" + a_secret(1), b"acme" + a_secret(2)
    text = f"{redact(one)} and {redact(two)}"
    first = a_finding(one, text=text)
    second = a_finding(two, text=text, rule_id="b", column=80)
    paragraphs = blocks(written(a_report(first, second)))
    carets = [block[2].partition(" | ")[2] for block in paragraphs[:2]]
    assert carets == ["^" * 15, " " * 20 + "^" * 15]


def test_a_line_without_a_mark_is_shown_without_carets():
    """Where the place of the secret in the line is unknown, none is claimed."""
    lines = blocks(written(a_report(a_finding(text="no mark here"))))[0]
    assert lines[1:3] == ["    12 | no mark here", BRIEF.summary]


@settings(deadline=None)
@given(
    st.text(st.characters(exclude_characters="\n"), max_size=80), st.sampled_from(["path", "author", "before", "after"])
)
def test_nothing_from_the_file_steers_the_terminal(text, where):
    """Escape sequences, carriage returns, bidirectional marks and lone surrogates are spelled out, never sent."""
    commit = {"commit": "a" * 40}
    output = written(a_report(a_finding(**commit, **{where: "x" + text})), encoding="utf-8")
    assert all(char.isprintable() or char == "\n" for char in output)


def test_control_characters_are_shown_as_escapes():
    """What was there can still be read."""
    output = written(a_report(a_finding(before="\x1b]0;owned\x07\r", path="a\u202eb.py")))
    assert r"\x1b]0;owned\x07\r" in output
    assert r"a\u202eb.py:12:" in output


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437", "utf-8", "utf-16"])
def test_symbols_survive_any_terminal(encoding):
    """Outside UTF-8, symbols become ASCII, and the carets still stand under the secret."""
    output = written(a_report(a_finding(before="ж é = ", exposure="staged"), skipped=skipped(1)), encoding=encoding)
    line, carets = code_of(output)
    shown = SHOWN if encoding.startswith("utf") else SHOWN.replace("…", "...")
    assert carets == " " * line.index(shown) + "^" * len(shown)
    assert ("Settings → Tokens" if encoding.startswith("utf") else "Settings -> Tokens") in output


def test_color_is_only_paint():
    """With color there are escape sequences; without them, the text is the same."""
    report = a_report(a_finding(before="\x1b[31m"), a_finding(confidence="low"), skipped=skipped(1))
    painted = written(report, color=True)
    bare = "".join(part.partition("m")[2] if number else part for number, part in enumerate(painted.split("\x1b[")))
    assert bare == written(report)
    assert "\x1b" in painted
    assert "\x1b" not in written(report)


def test_a_clean_scan_is_one_line():
    """Nothing found: one line of coverage, and with quiet not a byte."""
    assert written(a_report()) == "No secrets · 3 files, 212 lines scanned in 0.03 s\n"
    assert written(a_report(), quiet=True) == ""


def test_quiet_hides_no_finding_and_no_skip():
    """Quiet is silence about nothing; what was found or could not be read is still told."""
    assert written(a_report(a_finding()), quiet=True) == written(a_report(a_finding()))
    assert "data/0.bin: larger than 50 MB" in written(a_report(skipped=skipped(1)), quiet=True)


@pytest.mark.parametrize(
    ("count", "listed", "last"), [(20, 20, "  data/19.bin: larger than 50 MB"), (25, 20, "  and 5 more")]
)
def test_skips_are_listed_and_counted(count, listed, last):
    """Twenty of them with their reasons, then how many more; the coverage line has the number of all."""
    block, (coverage,) = blocks(written(a_report(skipped=skipped(count))))
    assert block[0] == "Not scanned:"
    assert sum(".bin" in line for line in block) == listed
    assert block[-1] == last
    assert f" · {count} skipped" in coverage


def test_a_skipped_object_is_named():
    """What has no path is named by its object id; what has neither, by its reason."""
    output = written(a_report(skipped=(Skipped(None, "c" * 40, "missing"), Skipped(None, None, "two stashes unread"))))
    assert f"  object {'c' * 40}: missing\n  two stashes unread\n" in output


@pytest.mark.parametrize(
    ("report", "line"),
    [
        (
            a_report(a_finding(), a_finding(path="b.py", fingerprint="2"), skipped=skipped(1), allowed=1),
            "2 secrets in 2 files · 3 files, 212 lines scanned in 0.03 s · 1 skipped · 1 allowed",
        ),
        (
            a_report(a_finding(), a_finding(path="b.py"), stats=Stats(1, 1, 9, 1, 0.001)),
            "1 secret at 2 places in 2 files · 1 file, 1 line scanned in under 0.01 s",
        ),
        (
            a_report(stats=Stats(0, 57302, 812_345_678, 0, 2.2)),
            "No secrets · 57,302 blobs, 812.3 MB scanned in 2.20 s",
        ),
        (a_report(stats=Stats()), "No secrets · 0 files, 0 lines scanned in under 0.01 s"),
        (a_report(stats=Stats(1, 1, 1, 0, 61.4)), "No secrets · 1 file, 1 byte scanned in 61 s"),
    ],
)
def test_coverage_in_plain_words(report, line):
    """One line with singular and plural right, secrets counted once, and no zero that says nothing."""
    assert written(report).rstrip("\n").split("\n")[-1] == line


@pytest.mark.parametrize(
    ("kind", "says", "step"),
    [
        ("file-name", "in the name of the file", "Rename the file"),
        ("commit-message", "in the commit message", "Take it out of the message"),
    ],
)
def test_secrets_outside_of_lines(kind, says, step):
    """A name or message can take no comment and no other line: the advice fits what it is."""
    output = written(a_report(a_finding(kind=kind, exposure="staged")))
    assert says in output.split("\n")[0]
    assert f"  1. {step}" in output
    assert "Write instead" not in output
    assert "as a comment" not in output


@pytest.mark.parametrize(
    ("path", "shown"),
    [("a b.py", "'a b.py'"), ("-x.py", "./-x.py"), ("it's.py", "'it'\\''s.py'"), ("a-b_c.d/e", "a-b_c.d/e")],
)
def test_commands_can_be_pasted(path, shown):
    """Paths in commands are quoted as a shell needs them."""
    assert f"git add {shown}\n" in written(a_report(a_finding(path=path, exposure="staged")))


def test_a_secret_of_many_lines_says_where_it_ends():
    """A key block is shown by its first line, with the line it reaches to."""
    value = b"-----BEGIN KEY-----\n" + a_secret()
    first, line, carets, *_ = written(a_report(a_finding(value, before="", after="", end_line=27))).split("\n")
    assert first.endswith(" · to line 27")
    assert line == f"    12 | {redact(value)}"
    assert carets.endswith(" | " + "^" * len(redact(value)))


def test_show_secrets_shows_the_value_under_carets():
    """Asked for, the secret stands in its line, whole even where the line is cut."""
    line, carets = code_of(written(a_report(a_finding(before="x" * 500)), show_secrets=True))
    value = a_secret().decode()
    assert line.endswith(f'{value}"')
    assert carets == " " * line.index(value) + "^" * len(value)
