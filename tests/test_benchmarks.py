"""The comparison with other scanners: its arithmetic, its tables, what it scans, and how it takes a bad run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))

import compare
import corpus
import measure
import peers
import subject
import table

linux = pytest.mark.skipif(not os.path.exists("/proc/self/smaps_rollup"), reason="memory is sampled from /proc")


def series(tool: str, *seconds: float | None, partial: bool = False) -> table.Series:
    """What came of one tool, with the times of its rounds."""
    return table.Series(
        tool=tool,
        version="1.2",
        command=f"{tool} run",
        seconds=list(seconds),
        cpu_seconds=list(seconds),
        background=[0.0] * len(seconds),
        pss=20 * 2**20,
        rss=50 * 2**20,
        largest=30 * 2**20,
        distinct=None,
        medium=None,
        planted=None,
        remarks=["a remark"] if partial else [],
        partial=partial,
    )


def case(name: str, *all_series: table.Series, missing: tuple[str, ...] = ()) -> table.Case:
    """One case on a machine of four cores."""
    machine = {"cpu": "a processor", "cores": "4"}
    return table.Case(name, f"the {name} subject", "2026-01-02", machine, 0.5, None, list(all_series), list(missing))


def program(folder: Path, name: str, script: str) -> str:
    """The path of a new shell script."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_ratio_is_the_median_of_pairs() -> None:
    """A slow spell of the machine, which meets both of a pair, must not change the ratio."""
    assert table.ratio([1.0, 10.0, 1.0], [2.0, 20.0, 4.0]) == 0.5


def test_ratio_leaves_out_failed_rounds() -> None:
    """A round that failed for one of the two counts for nothing; without any good pair there is no ratio."""
    assert table.ratio([None, 1.0, 3.0], [9.0, 4.0, None]) == 0.25
    assert table.ratio([None], [1.0]) is None


def test_readme_block_compares_each_tool_with_ours() -> None:
    """A cell has the median, the larger of both measures of memory, and our share of that tool's time."""
    block = table.readme_block([case("hook", series("secretscan", 0.04, 0.05, 0.06), series("other", 0.1, 0.1, 0.12))])
    assert "| **50 ms · 30 MiB** | 100 ms · 30 MiB (0.50) |" in block
    assert "†" not in block


def test_readme_block_marks_what_did_less_or_failed() -> None:
    """A tool that gave up must not look fast, and one that failed must not look measured."""
    block = table.readme_block(
        [case("history", series("secretscan", 2.0), series("a", 1.0, partial=True), series("b", None))]
    )
    assert "| 1.00 s† · 30 MiB (2.00) | failed |" in block
    assert "† It gave up half-way" in block


def test_detail_tells_what_is_missing_and_remarked() -> None:
    """What was not compared, and what went wrong, stand below the numbers."""
    text = table.detail(case("hook", series("secretscan", 0.05), series("a", 0.2, partial=True), missing=("b", "c")))
    assert "- a: a remark" in text
    assert "Not installed, so not compared: b, c." in text


def test_replace_block_changes_nothing_else() -> None:
    """What stands around the markers stays as it is, also when it is done twice."""
    text = f"before\n{table.START}\nold\n{table.END}\nafter\n"
    once = table.replace_block(text, "new")
    assert once == f"before\n{table.START}\nnew\n{table.END}\nafter\n"
    assert table.replace_block(once, "new") == once


@pytest.mark.parametrize("text", ["", table.START, table.END + table.START, (table.START + table.END) * 2])
def test_replace_block_wants_both_markers_once(text: str) -> None:
    """A README whose markers are damaged is not written to by guess."""
    with pytest.raises(ValueError, match="each once"):
        table.replace_block(text, "new")


def test_write_keeps_cases_of_earlier_runs(tmp_path: Path) -> None:
    """A run of one case replaces its numbers and leaves the other case's in both files."""
    readme, results = tmp_path / "README.md", tmp_path / "RESULTS.md"
    readme.write_text(f"# A\n{table.START}\n{table.END}\n")
    compare.write(
        [case("folder", series("secretscan", 7.0)), case("hook", series("secretscan", 1.0))], str(readme), str(results)
    )
    newer = case("hook", series("secretscan", 3.0))
    compare.write([newer], str(readme), str(results))
    kept = table.read_results(results.read_text())
    assert kept == [newer, case("folder", series("secretscan", 7.0))]
    assert "3.00 s" in readme.read_text()
    assert "7.00 s" in readme.read_text()
    assert "1.00 s" not in readme.read_text()


def test_write_leaves_both_files_when_the_readme_has_no_markers(tmp_path: Path) -> None:
    """Nothing is half written."""
    readme, results = tmp_path / "README.md", tmp_path / "RESULTS.md"
    readme.write_text("# A\n")
    with pytest.raises(SystemExit, match="markers"):
        compare.write([case("hook", series("secretscan", 1.0))], str(readme), str(results))
    assert not results.exists()
    assert readme.read_text() == "# A\n"


def test_hook_repository_has_one_line_staged(tmp_path: Path) -> None:
    """One commit of so many files, one added line in the index, and nothing else open."""
    folder = str(tmp_path / "hook")
    (changed,) = corpus.hook_repository(folder, files=12)
    assert len(corpus.git(folder, "ls-files").splitlines()) == 12
    assert corpus.git(folder, "rev-list", "--count", "HEAD").strip() == "1"
    assert corpus.git(folder, "diff", "--cached", "--numstat").split() == ["1", "0", changed]
    assert corpus.git(folder, "status", "--porcelain").split() == ["M", changed]


def test_history_repository_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    """Whoever repeats a measurement scans the same bytes: as many blobs as asked for, and every planted secret in them."""
    folders = [str(tmp_path / name) for name in ("one", "two", "other")]
    planted = [corpus.history_repository(folder, 210, seed) for folder, seed in zip(folders, (1, 1, 2), strict=True)]
    heads = [corpus.git(folder, "rev-parse", "HEAD") for folder in folders]
    assert heads[0] == heads[1] != heads[2]
    assert corpus.count_blobs(folders[0])[0] == 210
    text = corpus.git(folders[0], "log", "-p")
    assert len(planted[0]) == 2
    assert all(token in text for token in planted[0])
    assert planted[0] == planted[1]
    assert not planted[0] & planted[2]


def test_export_head_writes_the_files_of_a_bare_repository(tmp_path: Path) -> None:
    """The folder holds what HEAD holds, and no repository."""
    bare, folder = str(tmp_path / "bare"), str(tmp_path / "tree")
    corpus.history_repository(bare, 40)
    assert not corpus.export_head(bare, folder)
    names = corpus.git(bare, "ls-tree", "-r", "--name-only", "HEAD").split()
    assert sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*") if path.is_file()) == sorted(names)
    assert Path(folder, names[0]).read_text() == corpus.git(bare, "show", f"HEAD:{names[0]}")


@linux
def test_memory_is_summed_over_children() -> None:
    """A child's memory counts, in the sum and not in the largest process."""
    child = "import time; x = bytearray(30 << 20); time.sleep(0.5)"
    both = f"import subprocess, sys; x = bytearray(40 << 20); subprocess.run([sys.executable, '-c', {child!r}])"
    run = measure.run([sys.executable, "-c", both], cwd=".", env=os.environ, timeout=60, observe=True)
    assert run.exit_code == 0
    assert run.memory
    assert run.memory.pss > 70 << 20
    assert 40 << 20 < run.memory.largest < 70 << 20


@linux
def test_time_limit_ends_what_the_program_started(tmp_path: Path) -> None:
    """After the limit nothing of it is left running, not even a child that made a process group of its own."""
    pid = tmp_path / "pid"
    fork = "import os, time; os.fork() or os.setpgid(0, 0)"
    script = f"{fork}; open({str(pid)!r}, 'a').write(f'{{os.getpid()}} '); time.sleep(60)"
    run = measure.run([sys.executable, "-c", script], cwd=".", env=os.environ, timeout=1.5)
    assert run.timed_out
    assert run.seconds < 30
    states = [Path(f"/proc/{number}/stat") for number in pid.read_text().split()]
    assert len(states) == 2
    assert not [path for path in states if path.exists() and ") Z " not in path.read_text()]


@linux
def test_background_work_is_waited_for_and_not_timed() -> None:
    """What a program leaves running neither counts as its time nor disturbs the next run."""
    run = measure.run(["sh", "-c", "sleep 0.4 & true"], cwd=".", env=os.environ, timeout=60)
    assert run.background > 0.2
    assert not run.timed_out


def test_unexpected_exit_code_is_reported_and_not_timed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tool that fails has no time, and the reason stands below the table, without this machine's folders."""
    monkeypatch.setattr(subject, "HOOK_FILES", 4)
    path = program(
        tmp_path / "bin", "kingfisher", '[ "$1" = --version ] && echo kingfisher 9.8 || { echo "no $4" >&2; exit 7; }'
    )
    tools, missing = peers.find([f"kingfisher={path}"])
    tools = [tool for tool in tools if tool.name == "kingfisher"]
    field = compare.Field(tools, missing, str(tmp_path))
    found = compare.measure_case("hook", field, subject.Subjects(str(tmp_path)), rounds=2)
    (kingfisher,) = found.series
    assert kingfisher.version == "9.8"
    assert kingfisher.seconds == [None, None]
    assert kingfisher.largest == 0
    assert kingfisher.remarks == ["unexpected exit code 7: no --no-update-check"]
    assert str(tmp_path) not in kingfisher.command


def test_another_program_called_gitleaks_is_not_taken_for_it(tmp_path: Path) -> None:
    """The package of betterleaks brings a `gitleaks` of its own, which must not be compared under that name."""
    program(tmp_path / "bin", "gitleaks", "echo betterleaks configuration")
    assert not [tool for tool in peers.find([str(tmp_path)])[0] if tool.program.startswith(str(tmp_path))]


def test_launcher_of_a_package_is_passed_over(tmp_path: Path) -> None:
    """The native program inside the virtual environment is timed, not the script that starts it."""
    inside = tmp_path / "lib" / "python3.11" / "site-packages" / "kingfisher" / "bin"
    inside.mkdir(parents=True)
    binary = program(inside, "kingfisher", "true")
    launcher = tmp_path / "bin" / "kingfisher"
    launcher.parent.mkdir()
    launcher.write_text("#!/usr/bin/python3\n")
    assert peers.native(str(launcher)) == binary
    assert peers.native(binary) == binary


def test_scanner_that_gave_up_is_noticed() -> None:
    """The line is found in coloured logs, without the time of day; an ordinary summary is no such line."""
    assert (
        peers.gave_up("\x1b[90m9:18PM\x1b[0m \x1b[31mERR\x1b[0m fatal: unable to read 6f3\n")
        == "fatal: unable to read 6f3"
    )
    assert not peers.gave_up("9:18PM INF no leaks found\n")


@pytest.mark.parametrize(
    ("name", "report"),
    [
        ("secretscan", '{"findings": [{"secret": "v", "confidence": "high"}, {"secret": "v", "confidence": "high"}]}'),
        ("kingfisher", '{"findings": [{"finding": {"snippet": "v", "confidence": "high"}}]}'),
        ("betterleaks", '{"findings": [{"match": {"value": "v"}, "confidence": "high"}]}'),
        ("gitleaks", '[{"Secret": "v"}, {"Secret": "v"}]'),
    ],
)
def test_reports_are_read_as_different_values(tmp_path: Path, name: str, report: str) -> None:
    """The same value found twice is one secret; a report that is not whole is none."""
    path = tmp_path / "report.json"
    path.write_text(report)
    found = peers.read_report(name, str(path))
    assert found is not None
    assert [secret.value for secret in found] == ["v"]
    path.write_text(report[:-1])
    assert peers.read_report(name, str(path)) is None


def test_command_line_names_what_is_wrong() -> None:
    """A place that is none ends with one line, not with a comparison that leaves the tool out."""
    script = str(Path(compare.__file__))
    done = subprocess.run(
        [sys.executable, script, "hook", "--peer", "gitleaks=/nowhere"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("--peer gitleaks=/nowhere: neither")
