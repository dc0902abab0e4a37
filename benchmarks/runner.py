"""Runs one tool in one case, again and again, and keeps what came of it."""

import contextlib
import os
import re
import shutil

import corpus
import measure
import peers
import table
from subject import Subject

LIMIT = {"hook": 60, "cold": 120, "history": 3600, "folder": 1200}  # seconds a run
_SETTINGS = re.compile(r"(GIT|KF|KINGFISHER|BETTERLEAKS|GITLEAKS|SECRETSCAN|RIPGREP)_")  # of the environment


class Runner:
    """Runs one tool in one case, and keeps what came of it."""

    def __init__(self, case: str, tool: peers.Tool, subject: Subject, work: str, limit: float = 0) -> None:
        """`work`: a folder for what must not outlast the comparison; `limit`: seconds a run, 0 for the usual ones."""
        self.tool, self._case, self._subject = tool, case, subject
        self._verb = peers.verb(case)
        self._counts = case in ("history", "folder") and tool.name != "rg"
        self._limit = limit or LIMIT[case]
        self._work = os.path.join(work, tool.name)
        self._report = os.path.join(self._work, "report.json")
        self._runs: list[measure.Run] = []
        self._memory: list[measure.Memory] = []
        self._observed = 0
        self._secrets: set[peers.Secret] | None = None
        self._remarks: dict[str, int] = {}
        self._partial = False
        os.makedirs(self._work, exist_ok=True)

    def prime(self) -> None:
        """Let the tool fill its cache, on something small."""
        sample = os.path.join(self._work, "sample")
        if self._case != "cold" and "hook" in self.tool.commands and not os.path.isdir(sample):
            files = corpus.hook_repository(sample, files=2)
            argv = peers.command(self.tool, "hook", sample, self._report, files)
            measure.run(argv, cwd=sample, env=self._env(), timeout=LIMIT["cold"])

    def observe(self) -> None:
        """One run for the memory, whose time does not count."""
        run = self._run(observe=True)
        self._observed += 1
        if run.memory and self._expected(run):
            self._memory.append(run.memory)

    def time(self) -> None:
        """One run for the time."""
        self._runs.append(self._run(observe=False))

    def _argv(self) -> list[str]:
        return peers.command(self.tool, self._verb, self._subject.folder, self._report, self._subject.files)

    def _env(self) -> dict[str, str]:
        """The environment without settings for git or a scanner, and with a cache of the tool's own."""
        config = os.path.join(self._work, "gitconfig")
        with open(config, "w", encoding="utf-8") as file:
            file.write("[user]\n\tname = Sample\n\temail = sample@example.org\n[safe]\n\tdirectory = *\n")
        own = {"GIT_CONFIG_GLOBAL": config, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}
        own |= {f"XDG_{kind}_HOME": os.path.join(self._work, kind.lower()) for kind in ("CACHE", "CONFIG")}
        return {key: value for key, value in os.environ.items() if not _SETTINGS.match(key)} | own

    def _run(self, *, observe: bool) -> measure.Run:
        for stale in ("cache", "config") if self._case == "cold" else ():
            shutil.rmtree(os.path.join(self._work, stale), ignore_errors=True)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._report)
        run = measure.run(self._argv(), cwd=self._subject.folder, env=self._env(), timeout=self._limit, observe=observe)
        self._judge(run)
        return run

    def _judge(self, run: measure.Run) -> None:
        """Keep the secrets it found, and what must be said about how it ended."""
        found = peers.read_report(self.tool.name, self._report) if self._counts else None
        if self._secrets is not None and found is not None and found != self._secrets:
            self._remark("found other secrets than in an earlier run")
        self._secrets = found if found is not None else self._secrets
        if self._counts and found is None:
            self._remark("wrote no report that can be read")
        if gave_up := peers.gave_up(run.stderr):
            self._partial = True
            self._remark(f"gave up half-way: {self._plain(gave_up)}")
        if run.timed_out:
            self._remark(f"stopped after {self._limit:.0f} s")
        elif not self._expected(run):
            last = peers.plain(run.stderr).strip().splitlines()[-1:] or ["nothing on standard error"]
            self._remark(f"unexpected exit code {run.exit_code}: {self._plain(last[0][:160])}")

    def _expected(self, run: measure.Run) -> bool:
        return not run.timed_out and peers.expected(self.tool.name, self._case, run.exit_code)

    def _remark(self, text: str) -> None:
        self._remarks[text] = self._remarks.get(text, 0) + 1

    def _plain(self, text: str) -> str:
        """Without the folders of this machine."""
        text = text.replace(self._report, "REPORT").replace(self._subject.folder, "TARGET")
        return text.replace(self._work, "WORK").replace(self.tool.program, os.path.basename(self.tool.program))

    def series(self) -> table.Series:
        """All that was measured."""
        secrets, planted = self._secrets, self._subject.planted
        graded = {secret.value for secret in secrets or () if secret.confidence in ("medium", "high")}
        total = len(self._runs) + self._observed
        remarks = [
            text + (f" ({count} of {total} runs)" if count < total else "") for text, count in self._remarks.items()
        ]
        background = max((run.background for run in self._runs), default=0)
        if background > 0.1:
            remarks.append(
                f"went on in the background for up to {background:.1f} s after it had ended, not in its time"
            )
        return table.Series(
            tool=self.tool.name,
            version=self.tool.version,
            command=self._plain(" ".join(self._argv())),
            seconds=[round(run.seconds, 5) if self._expected(run) else None for run in self._runs],
            cpu_seconds=[round(run.cpu_seconds, 5) if self._expected(run) else None for run in self._runs],
            background=[round(run.background, 3) for run in self._runs],
            pss=max((memory.pss for memory in self._memory), default=0),
            rss=max((memory.rss for memory in self._memory), default=0),
            largest=max((memory.largest for memory in self._memory), default=0),
            distinct=None if secrets is None else len({secret.value for secret in secrets}),
            medium=len(graded) if any(secret.confidence for secret in secrets or ()) else None,
            planted=None if secrets is None or planted is None else len(planted & {secret.value for secret in secrets}),
            remarks=remarks,
            partial=self._partial,
        )
