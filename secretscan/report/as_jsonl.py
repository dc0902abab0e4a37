"""JSON Lines: one finding a line, with the keys of the JSON format."""

from typing import TextIO

from secretscan.model import Report
from secretscan.report.as_json import dumps, record
from secretscan.report.formats import Options
from secretscan.report.secrecy import concealed


def write(report: Report, stream: TextIO, options: Options) -> None:
    """Write a line for each finding, in ASCII; nothing where there is none. What was skipped has no place here."""
    shown = report if options.show_secrets else concealed(report)
    for_one = (record(found, options.advise(found), show_secrets=options.show_secrets) for found in shown.findings)
    stream.write("".join(dumps(line) + "\n" for line in for_one))
