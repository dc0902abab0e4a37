"""Results as people read them: on the screen, in README.md between two markers, and in RESULTS.md with the raw numbers."""

import json
import re
import statistics
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

START, END = "<!-- benchmark:start -->", "<!-- benchmark:end -->"
_RAW = re.compile(r"<!-- raw:start -->\n```json\n(.*?)\n```\n<!-- raw:end -->", re.DOTALL)
CASES = {
    "hook": "Commit hook, nothing wrong",
    "cold": "Commit hook, first run (empty cache)",
    "history": "Whole history",
    "folder": "Folder",
}


class Series(NamedTuple):
    """All that was measured of one tool in one case."""

    tool: str
    version: str
    command: str  # for people: folders and programs by name only
    seconds: list[float | None]  # by round; None: failed or stopped at the time limit
    cpu_seconds: list[float | None]  # by round, as above
    background: list[float]  # by round: seconds that processes it left behind went on
    pss: int  # peaks in bytes, as of measure.Memory
    rss: int
    largest: int
    distinct: int | None  # different secrets found; None where nothing was counted
    medium: int | None  # of these with at least medium confidence; None where the tool has no such notion
    planted: int | None  # of the planted secrets
    remarks: list[str]
    partial: bool  # it gave up half-way, so that its time is for less work


class Case(NamedTuple):
    """One case: what was scanned, on which machine, and a series for each tool, ours first."""

    name: str
    subject: str
    date: str
    machine: dict[str, str]
    load: float  # one-minute load average before the first run
    planted: int | None
    series: list[Series]
    missing: list[str]


def median(rounds: Iterable[float | None]) -> float | None:
    """The median of the rounds that went well; None if none did."""
    good = [value for value in rounds if value is not None]
    return statistics.median(good) if good else None


def peak(series: Series) -> int:
    """The memory of all processes together, in bytes: the proportional sum, but no less than the largest one's own peak.

    The sum leaves out a part of what unrelated programs share with the tool, such as an interpreter's libraries.
    """
    return max(series.pss, series.largest)


def ratio(ours: Sequence[float | None], theirs: Sequence[float | None]) -> float | None:
    """The median of ours/theirs, taken round by round; a round that failed for either is left out."""
    pairs = [one / other for one, other in zip(ours, theirs, strict=False) if one is not None and other]
    return median(pairs)


def seconds(value: float | None) -> str:
    """As short as it stays readable."""
    if value is None:
        return "failed"
    if value < 0.9995:
        return f"{value * 1000:.0f} ms"
    return f"{value:.2f} s" if value < 9.995 else f"{value:.1f} s"


def memory(value: int) -> str:
    """Bytes in MiB."""
    return f"{value / 2**20:.0f} MiB" if value else "unknown"


def detail(case: Case) -> str:
    """The case as a Markdown table that also reads well on a screen."""
    head = [
        "tool",
        "median",
        "min to max",
        "secretscan / it",
        "memory (PSS)",
        "RSS",
        "largest process",
        "CPU",
        "secrets",
    ]
    rows = [head, *(_detail_row(case, series) for series in case.series)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    rows.insert(1, ["-" * width for width in widths])
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    remarks = [f"- {series.tool}: {remark}" for series in case.series for remark in series.remarks]
    missing = [f"- Not installed, so not compared: {', '.join(case.missing)}."] if case.missing else []
    notes = [*remarks, *_busy(case), *missing]
    return "\n".join([*lines, *([""] if notes else []), *notes])


def _busy(case: Case) -> list[str]:
    """A warning if the machine had other things to do."""
    if case.load <= float(case.machine["cores"]) / 2:
        return []
    return [
        f"- The machine was busy before the first run (load average {case.load:.2f}): compare CPU rather than time."
    ]


def _detail_row(case: Case, series: Series) -> list[str]:
    good = [value for value in series.seconds if value is not None]
    return [
        f"{series.tool} {series.version}",
        seconds(median(series.seconds)) + ("†" if series.partial else ""),
        f"{seconds(min(good))} to {seconds(max(good))}" if good else "",
        _factor(_against_ours(case, series)),
        memory(series.pss),
        memory(series.rss),
        memory(series.largest),
        seconds(median(series.cpu_seconds)),
        _secrets(case, series),
    ]


def _secrets(case: Case, series: Series) -> str:
    if series.distinct is None:
        return ""
    medium = "" if series.medium is None else f", {series.medium} medium or high"
    planted = "" if case.planted is None else f"; {series.planted} of {case.planted} planted"
    return f"{series.distinct:,}{medium}{planted}"


def _against_ours(case: Case, series: Series) -> float | None:
    ours = case.series[0]
    return ratio(ours.seconds, series.seconds) if ours.tool == "secretscan" and series is not ours else None


def _factor(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def readme_block(cases: Sequence[Case]) -> str:
    """The table of README.md: a row for each case, a column for each tool."""
    tools = list(dict.fromkeys(series.tool for case in cases for series in case.series))
    lines = ["| | " + " | ".join(tools) + " |", "|---" * (len(tools) + 1) + "|"]
    for case in cases:
        found = {series.tool: _cell(case, series) for series in case.series}
        lines.append(
            f"| {CASES[case.name]}: {case.subject} | " + " | ".join(found.get(tool, "") for tool in tools) + " |"
        )
    versions = dict.fromkeys(f"{series.tool} {series.version}" for case in cases for series in case.series)
    legend = (
        "Each cell: median time · peak memory of all its processes · in brackets secretscan's time divided by that "
        f"tool's, the median of pairs measured in turn. {', '.join(versions)}; {_machines(cases)}. "
        "`python benchmarks/compare.py` repeats it; "
        "[the method](benchmarks/README.md) and [all numbers](benchmarks/RESULTS.md)."
    )
    partial = any(series.partial for case in cases for series in case.series)
    note = ["", "† It gave up half-way, so its time is for less work."] if partial else []
    return "\n".join([*lines, "", legend, *note])


def _cell(case: Case, series: Series) -> str:
    time = median(series.seconds)
    if time is None:
        return "failed"
    factor = _factor(_against_ours(case, series))
    text = f"{seconds(time)}{'†' if series.partial else ''} · {memory(peak(series))}" + (
        f" ({factor})" if factor else ""
    )
    return f"**{text}**" if series.tool == "secretscan" else text


def _machines(cases: Iterable[Case]) -> str:
    return "; ".join(dict.fromkeys(f"{case.machine['cores']} cores, {case.machine['cpu']}" for case in cases))


def results_page(cases: Sequence[Case]) -> str:
    """RESULTS.md, whole, with the raw numbers that `read_results` reads back."""
    parts = [
        "# Results\n\nWritten by `python benchmarks/compare.py --write`; README.md in this folder says how to read it."
    ]
    for case in cases:
        machine = "\n".join(f"- {key}: {value}" for key, value in case.machine.items())
        commands = "\n".join(f"{series.command}" for series in case.series)
        parts.append(
            f"## {CASES[case.name]}\n\n{case.subject}. {case.date}, {len(case.series[0].seconds)} timed runs of each, "
            f"load average before: {case.load:.2f}.\n\n{detail(case)}\n\n{machine}\n\n```\n{commands}\n```"
        )
    if any(series.partial for case in cases for series in case.series):
        parts.append("† It gave up half-way, so its time is for less work.")
    raw = json.dumps([_plain(case) for case in cases], indent=1)
    parts.append(f"## Raw numbers\n\n<!-- raw:start -->\n```json\n{raw}\n```\n<!-- raw:end -->\n")
    return "\n\n".join(parts)


def read_results(text: str) -> list[Case]:
    """The cases of a RESULTS.md, so that a run of one case keeps the others. Empty if there are none."""
    match = _RAW.search(text)
    found: list[dict[str, Any]] = json.loads(match.group(1)) if match else []
    return [Case(**{**case, "series": [Series(**one) for one in case["series"]]}) for case in found]


def merge(old: Iterable[Case], new: Iterable[Case]) -> list[Case]:
    """The cases of both in the usual order; of the same case the new one."""
    by_name = {case.name: case for case in [*old, *new]}
    return [by_name[name] for name in CASES if name in by_name]


def replace_block(text: str, block: str) -> str:
    """`text` with what stands between the markers replaced. Raises ValueError if they are not there, once, in order."""
    before, start, rest = text.partition(START)
    inside, end, after = rest.partition(END)
    if not start or not end or START in inside + after or END in before + after:
        raise ValueError(f"the markers {START} and {END} must be there, each once")
    return f"{before}{START}\n{block}\n{END}{after}"


def _plain(case: Case) -> dict[str, Any]:
    return {**case._asdict(), "series": [series._asdict() for series in case.series]}
