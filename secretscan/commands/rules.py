"""`secretscan rules`: list, show, check, test, new, compile."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from secretscan.errors import UsageError
from secretscan.model import SECTIONS
from secretscan.ruleset import load, paths
from secretscan.ruleset.cache import open_ruleset

if TYPE_CHECKING:
    import argparse

    from secretscan.ruleset.provider import Secret

HELP = "Lists, shows, checks, tries and writes rules."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's verbs and options."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="list|show|check|test|new|compile")
    listing = verbs.add_parser("list", help="all rules")
    listing.add_argument("--format", default="text", choices=("text", "json"))
    listing.add_argument("--stats", action="store_true", help="how many rules, providers, guide sections")
    show = verbs.add_parser("show", help="a rule's pattern and facts")
    show.add_argument("name", metavar="RULE|PROVIDER")
    check = verbs.add_parser("check", help="check rule files: schema, patterns, examples, guide")
    check.add_argument("files", nargs="*", metavar="FILE", help="default: all that come with secretscan")
    test = verbs.add_parser("test", help="what the rules find in a text")
    test.add_argument("text", metavar="TEXT", help="the text, or - for standard input")
    new = verbs.add_parser("new", help="write a rule file to fill in")
    new.add_argument("provider", metavar="PROVIDER", help="its id: lower case, digits and dashes")
    new.add_argument("--output", default="", metavar="FILE", help="default: PROVIDER.toml in rules/ or here")
    verbs.add_parser("compile", help="compile and cache the rules now")
    for verb in (listing, show, check, test):
        verb.add_argument("--rules", default=[], action="append", metavar="PATH", help="more rules; repeatable")


def run(args: Any) -> int:
    """Runs the verb; exit code 1 where check found something wrong or test found a secret."""
    verbs = {"list": _list, "show": _show, "check": _check, "test": _test, "new": _new, "compile": _compile}
    return verbs[args.verb](args)


def _list(args: Any) -> int:
    secrets = load.load(paths.rule_files(args.rules))
    if args.stats:
        print("\n".join(_stats(secrets)))
    elif args.format == "json":
        import json  # noqa: PLC0415

        print(json.dumps([_entry(secret) for secret in secrets], indent=2))
    else:
        width = max(len(secret.rule.id) for secret in secrets)
        for secret in secrets:
            print(f"{secret.rule.id:<{width}}  {secret.rule.confidence:<6}  {secret.rule.name}")
    return 0


def _entry(secret: Secret) -> dict[str, Any]:
    rule = secret.rule
    return {
        "id": rule.id,
        "name": rule.name,
        "provider": rule.provider,
        "confidence": rule.confidence,
        "sections": sections(secret),
    }


def sections(secret: Secret) -> list[str]:
    """The guide's sections to which the rule file has something of the provider's own to say."""
    has = {
        "about": secret.opens,
        "prevent": secret.env_var,
        "generate": secret.generate,
        "reasons": secret.reasons,
        "risks": secret.risks,
        "practices": secret.practices,
        "abused": secret.audit,
        "revoke": secret.revoke,
        "breaks": any(secret.breaks),
    }
    return [section for section in SECTIONS if has[section]]


def _stats(secrets: tuple[Secret, ...]) -> list[str]:
    counts = {section: sum(section in sections(secret) for secret in secrets) for section in SECTIONS}
    providers = len({secret.provider.id for secret in secrets})
    lines = [
        f"{len(secrets)} secret types of {providers} providers",
        "guide sections with facts of the provider's own:",
    ]
    return lines + [f"  {section:<10} {count}" for section, count in counts.items()]


def _show(args: Any) -> int:
    for secret in load.find(args.name, args.rules):
        rule = secret.rule
        print(f"{rule.id}: {rule.name} ({rule.confidence} confidence)\n  {secret.summary}\n  file      {rule.file}")
        print(f"  keywords  {', '.join(rule.keywords)}\n  source    {secret.source or 'not confirmed'}")
        print("  pattern   " + rule.pattern.strip().replace("\n", "\n            "))
    return 0


def _check(args: Any) -> int:
    from secretscan.ruleset.check import problems  # noqa: PLC0415
    from secretscan.selftest import failures  # noqa: PLC0415

    files = [file for path in args.files for file in paths.files_at(path)] or paths.rule_files(args.rules)
    own = set(paths.rule_files())
    extra = [os.path.abspath(file) for file in files if os.path.abspath(file) not in own]
    ruleset = open_ruleset((*args.rules, *extra), thorough=True)
    wrong = 0
    secrets = [secret for file in files for secret in load.load_file(file)]
    for secret in secrets:
        for problem in (*problems(secret), *failures(secret, ruleset)):
            print(f"{os.path.relpath(secret.rule.file)}: {secret.rule.id}: {problem}")
            wrong += 1
    print(f"{len(secrets)} rules in {len(files)} files checked, {wrong} problems", file=sys.stderr)
    return 1 if wrong else 0


def _test(args: Any) -> int:
    from secretscan.model import Blob, Origin  # noqa: PLC0415
    from secretscan.policy.config import Config  # noqa: PLC0415
    from secretscan.policy.policy import Policy  # noqa: PLC0415
    from secretscan.scanner import Scanner  # noqa: PLC0415

    text = sys.stdin.buffer.read() if args.text == "-" else os.fsencode(args.text)
    scanner = Scanner(open_ruleset(args.rules), Policy(Config(), bytes))
    found = scanner.locate(Blob(text, Origin("-", "stdin")))
    for finding in found:
        print(
            f"{finding.line}:{finding.column}-{finding.end_line}:{finding.end_column}  {finding.rule_id}  {finding.confidence}"
        )
    return 1 if found else 0


def _compile(_args: Any) -> int:
    if hasattr(os, "nice"):
        os.nice(10)  # nobody waits for it
    open_ruleset(thorough=True)
    return 0


def _new(args: Any) -> int:
    from secretscan.ruleset.skeleton import skeleton  # noqa: PLC0415

    folder = "rules/" if os.path.isdir("rules") else ""
    path = args.output or f"{folder}{args.provider}.toml"
    try:
        with open(path, "x", encoding="utf-8", newline="\n") as stream:
            stream.write(skeleton(args.provider))
    except FileExistsError:
        raise UsageError(f"{path}: exists already; choose another name with --output") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from None
    print(f"{path}: fill in what is marked, then: secretscan rules check {path}")
    return 0
