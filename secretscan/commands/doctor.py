"""`secretscan doctor`: is everything in place, and does a leak really stop a commit?"""

from __future__ import annotations

import os
import secrets
import sys
from typing import TYPE_CHECKING, NamedTuple

import secretscan
from secretscan.errors import SecretscanError, UsageError
from secretscan.git import globalhooks, hooks, rehearsal, repository
from secretscan.model import redact

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from secretscan.policy.config import Config
    from secretscan.ruleset.provider import Secret

HELP = "check the installation, and prove with a made-up leak that a commit is stopped"
CONFIGURED_SINCE = (2, 54)  # the git that runs hooks of its configuration
SPECIMEN = "circleci"  # whose token is made up, if its rule is on


class Check(NamedTuple):
    """One line of the outcome; `mend` says what to do about a problem."""

    what: str
    says: str
    mend: str = ""


class Leak(NamedTuple):
    """A made-up secret, the rule that must find it, and the content it is in."""

    rule: str
    secret: str
    content: bytes

    def __repr__(self) -> str:
        return f"Leak({self.rule})"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`doctor` has no options."""


def run(args: argparse.Namespace) -> int:  # noqa: ARG001 (the shape of every command)
    """Prints one line a check; 1 if there is something to mend. Raises GitError outside of a repository."""
    problems = 0
    for check in _checks():
        word, mend = ("problem", f"; {check.mend}") if check.mend else ("ok", "")
        print(f"{word:8} {check.what:11} {check.says}{mend}", flush=True)
        problems += bool(check.mend)
    return 1 if problems else 0


def _checks() -> Iterator[Check]:
    """All checks, each made when it is asked for."""
    version = hooks.git_version()
    yield Check("git", ".".join(map(str, version)))
    yield Check("secretscan", f"{secretscan.__version__}, {os.path.dirname(os.path.abspath(secretscan.__file__))}")
    yield Check("python", f"{sys.version.split()[0]}, {sys.executable}")
    yield from _engine()
    repository.common_dir()  # an error outside of a repository
    top = repository.top_level()
    yield from _settings(top or ".")
    if top is None:
        yield Check("pre-commit", "this repository is bare: nobody commits here")
        return
    for name in ("pre-commit", "pre-push", "commit-msg"):
        hook = globalhooks.in_use(name)
        besides = hooks.configured(name)
        yield _installed(hook, top, besides if version >= CONFIGURED_SINCE else [])
        for other in besides:
            runs = "runs too" if version >= CONFIGURED_SINCE else "would run too with git 2.54 or later"
            yield Check(name, f"hook.{other.name} of git's configuration {runs}: {other.command}")
        if name == "pre-commit" and hook.kind == "ours" and hook.runs:
            yield from _proof(hook)


def _engine() -> Iterator[Check]:
    """What matches, and with which rules."""
    from secretscan.ruleset import cache  # noqa: PLC0415 (--help does without the engine)
    from secretscan.ruleset import compile as compiler  # noqa: PLC0415

    if compiler.available():
        yield Check("matching", f"hyperscan {compiler.version()}")
    else:
        yield Check("matching", "the plain path: same findings, slower ('pip install hyperscan' for speed)")
    try:
        yield Check("rules", cache.describe())
    except SecretscanError as error:
        yield Check("rules", "cannot be read", str(error))


def _settings(top: str) -> Iterator[Check]:
    """The configuration and the baseline; a broken one stops every commit."""
    from secretscan.policy import baseline, config, settings  # noqa: PLC0415

    read = settings.from_folder(top)
    try:
        found = settings.read_config(read, settings.Overrides())
        differs = "" if found == _committed() else ", which counts once it is committed"
        yield Check("config", (found.where or f"no {config.FILE}, nothing in {config.PYPROJECT}: defaults") + differs)
        content = read(found.baseline)
        known = f"{found.baseline}, {len(baseline.parse(content, found.baseline).entries)} known" if content else "none"
        yield Check("baseline", known)
    except SecretscanError as error:
        yield Check("config", "cannot be used", str(error))


def _installed(hook: hooks.Hook, top: str, besides: list[hooks.Configured]) -> Check:
    """Whose the hook is that git would run; `besides` are those of git's configuration."""
    if hook.kind == "ours":
        says = f"{hook.path} is ours" + (f", {hook.earlier} runs first" if hook.earlier else "")
        passed_over = ", but may not be executed, so git passes over it"
        return Check(hook.name, says) if hook.runs else Check(hook.name, says + passed_over, "run 'secretscan install'")
    if hook.script:
        return Check(hook.name, f"{hook.tool} runs ours, {hook.script}")
    if caller := _caller(hook, top, besides):
        return Check(hook.name, f"{caller} names secretscan (not tried: what else it does is not known)")
    says = "secretscan is not installed" + (f": {hook.path} is {hook.tool or 'somebody else'}'s" if hook.runs else "")
    how = f"'secretscan install --hook {hook.name}'"
    if hook.name == "pre-commit":
        return Check(hook.name, says, f"run {how}")
    return Check(hook.name, f"{says} ({how} if you want it)")


def _caller(hook: hooks.Hook, top: str, besides: list[hooks.Configured]) -> str:
    """The foreign hook, the settings of its program, or the part of git's configuration that names secretscan."""
    files = (hook.path, hook.tool_file and os.path.join(top, hook.tool_file)) if hook.runs else ()
    names = [file for file in files if file and b"secretscan" in hooks.read(file)]
    names += [f"hook.{other.name} of git's configuration" for other in besides if "secretscan" in other.command]
    return names[0] if names else ""


def _proof(hook: hooks.Hook) -> Iterator[Check]:
    """A made-up leak must be stopped, by name; no change must pass."""
    try:
        leak = _leak()
        stopped = rehearsal.rehearse(hook, leak.content)
        passed = rehearsal.rehearse(hook, None)
    except SecretscanError as error:
        yield Check("leak", "it could not be tried whether one is stopped", str(error))
        return
    if stopped.code == 0:
        yield Check(
            "leak", f"A LEAK PASSES: a made-up secret ({leak.rule}) was not stopped", "run 'secretscan install'"
        )
    elif leak.rule not in stopped.output:
        says = f"all is stopped, but not for the made-up secret ({leak.rule})"
        yield Check("leak", says, f"it says: {_last(stopped, leak)}")
    else:
        yield Check("leak", f"a made-up secret was stopped, {leak.rule}, in {stopped.seconds * 1000:.0f} ms")
    if passed.code:
        yield Check("no change", f"is stopped, exit code {passed.code}", f"it says: {_last(passed, leak)}")
    else:
        yield Check("no change", f"passes, in {passed.seconds * 1000:.0f} ms")


def _last(run: rehearsal.Run, leak: Leak) -> str:
    """The last line that a hook printed, without the secret."""
    line = (run.output.strip().splitlines() or ["nothing"])[-1]
    return line.replace(leak.secret, redact(leak.secret.encode()))


def _leak() -> Leak:
    """A made-up leak that a rule which is switched on must find. Raises SecretscanError."""
    from secretscan.ruleset import examples  # noqa: PLC0415

    disabled = _committed().disable
    for secret in _specimens():
        rule = secret.rule
        if rule.confidence == "high" and rule.id not in disabled and secret.examples:
            example = examples.fill(secret.examples[0], seed=secrets.token_hex(8), checksum=rule.checksum)
            return Leak(rule.id, example.text[example.start : example.end], example.text.encode() + b"\n")
    raise UsageError("every rule of high confidence is switched off: see 'disable' in the configuration")


def _committed() -> Config:
    """The configuration that counts for a commit: the one before it."""
    from secretscan.git.objects import Objects  # noqa: PLC0415
    from secretscan.policy import settings  # noqa: PLC0415

    objects = Objects()
    try:
        return settings.read_config(settings.from_objects(objects), settings.Overrides())
    finally:
        objects.close()


def _specimens() -> Iterator[Secret]:
    """What a leak can be made of; all rules are read only if the first do not serve."""
    from secretscan.ruleset import load, paths  # noqa: PLC0415

    yield from load.find(SPECIMEN)
    yield from load.load(paths.rule_files())
