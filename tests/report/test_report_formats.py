"""The registry: every format by its name, and nothing loaded that was not asked for."""

import subprocess
import sys

import pytest
from specimens import a_finding, a_report, skipped, written

from secretscan.errors import UsageError
from secretscan.report.formats import FORMATS, writer


@pytest.mark.parametrize("form", FORMATS)
def test_every_listed_format_writes_a_report(form):
    """A name in the registry leads to a module that writes the finding's path or URI."""
    assert "deploy/ci.py" in written(a_report(a_finding()), form)


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_written_in_one_piece(form):
    """A pipe that breaks or a terminal that is shared never sees half a report."""

    class Counting:
        encoding = "utf-8"
        pieces = 0

        def write(self, _text):
            self.pieces += 1

    from specimens import BRIEF

    from secretscan.report.formats import Options

    stream = Counting()
    writer(form)(a_report(a_finding(), a_finding(line=13), skipped=skipped(3)), stream, Options(lambda _: BRIEF))
    assert stream.pieces == 1


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_report_is_always_the_same_text(form):
    """Two runs over the same report do not differ in a single byte."""
    report = a_report(a_finding(), a_finding(rule_id="other"), skipped=skipped(2))
    assert written(report, form) == written(report, form)


def test_an_unknown_format_names_the_nearest():
    """A typing error is answered with what was probably meant, and with all that there is."""
    with pytest.raises(UsageError) as error:
        writer("jsn")
    assert str(error.value) == (
        "There is no format 'jsn'. Did you mean json or jsonl? Formats: " + ", ".join(FORMATS) + "."
    )
    assert error.value.exit_code == 2


def test_an_unknown_format_far_from_all_lists_them():
    """Where nothing is near, nothing is guessed."""
    with pytest.raises(UsageError, match=r"^There is no format 'qqqq'\. Formats: text, json"):
        writer("qqqq")


def test_text_loads_nothing_heavy():
    """A blocked commit is told of without JSON, text wrapping or difflib being loaded."""
    heavy = "{'json', 'textwrap', 'difflib', 'dataclasses', 'shlex', 'urllib.parse', 'regex', 'subprocess'}"
    program = (
        f"import sys; from secretscan.report.formats import writer; writer('text'); print({heavy} & set(sys.modules))"
    )
    alone = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert alone.stdout == "set()\n"
