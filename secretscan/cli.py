"""Reads the command line, hands over to the command's module, and turns what goes wrong into one line and a code."""

import os
import sys
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from secretscan import __version__
from secretscan.errors import SecretscanError

COMMANDS = {
    "scan": "files, folders, standard input",
    "staged": "the staged change (pre-commit hook)",
    "push": "what is about to leave (pre-push hook)",
    "history": "every blob, message and name that any ref reaches",
    "message": "a commit message (commit-msg hook)",
    "explain": "the whole guide of a rule or provider",
    "install": "set up the git hooks",
    "uninstall": "undo install",
    "doctor": "prove that the hooks block a leak",
    "baseline": "record what is known, by fingerprint",
    "demo": "see a leak stopped in a throw-away repository",
    "rules": "list, show, check, test and write rules",
}
"""The verbs, each a module in `commands/`. A new command is one module and one line here."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns the exit code: 0 clean, 1 findings, 2 usage, 3 not complete, 130 interrupted."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        return _run(arguments)
    except SecretscanError as error:
        print(f"secretscan: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("secretscan: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 3
    except Exception as error:
        if os.environ.get("SECRETSCAN_DEBUG"):
            raise
        print(f"secretscan: internal error, {_origin(error)}; nothing was passed as clean. "
              "SECRETSCAN_DEBUG=1 shows where; please report it", file=sys.stderr)  # fmt: skip
        return 3


def _origin(error: Exception) -> str:
    """The kind of the error and the line of ours that raised it, without its text."""
    trace, line = error.__traceback__, ""
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if "secretscan" in name:
            line = f" at {os.path.basename(name)}:{trace.tb_lineno}"
        trace = trace.tb_next
    return type(error).__name__ + line


def _run(arguments: list[str]) -> int:
    verb = arguments[0] if arguments else "--help"
    if verb in ("--version", "-V"):
        print(f"secretscan {__version__}")
        return 0
    if verb in ("--help", "-h", "help"):
        print(_overview())
        return 0 if arguments else 2
    if verb not in COMMANDS:
        from secretscan.errors import UsageError  # noqa: PLC0415
        from secretscan.ruleset.schema import nearest  # noqa: PLC0415

        raise UsageError(
            f"there is no command '{verb}'{nearest(verb, frozenset(COMMANDS)).replace('keys', 'commands')}"
        )
    module = __import__(f"secretscan.commands.{verb}", fromlist=["run"])
    return int(module.run(parse(verb, module, arguments[1:])))


def parse(verb: str, module: Any, rest: list[str]) -> Any:
    """The command's arguments. A hook's bare call does without argparse, which would cost it 6 ms."""
    if not rest and hasattr(module, "DEFAULTS"):
        return SimpleNamespace(**module.DEFAULTS)
    import argparse  # noqa: PLC0415

    parser = argparse.ArgumentParser(prog=f"secretscan {verb}", description=module.HELP, allow_abbrev=False)
    module.add_arguments(parser)
    return parser.parse_args(rest)


def _overview() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {verb:<{width}}  {text}" for verb, text in COMMANDS.items()]
    return "\n".join(
        [
            "usage: secretscan COMMAND [OPTIONS]",
            "",
            *lines,
            "",
            "'secretscan COMMAND --help' shows a command's options.",
        ]
    )
