"""Reads rule files into records, strictly. The only module that opens them."""

import os
from collections.abc import Iterable, Sequence
from typing import Any

from secretscan.errors import RuleError, UsageError
from secretscan.model import Part, Rule
from secretscan.ruleset import context, schema, width
from secretscan.ruleset.paths import builtin, rule_files
from secretscan.ruleset.provider import Breaks, Provider, Secret, Step
from secretscan.ruleset.schema import Table

STEP_KEYS = frozenset(("text", "url", "run"))
FILE_KEYS = frozenset(("provider", "guide", "secret"))
PART_KEYS = frozenset(("pattern", "within", "otherwise"))


def load(files: Iterable[str]) -> tuple[Secret, ...]:
    """All secrets of `files`. Raises RuleError, also for an id that two of them use.

    Patterns of files that do not come with secretscan are compiled once to see that they are sound; those that do are
    sound, since the tests say so, and compiling them would cost a hook's first run a second.
    """
    own = builtin()
    secrets: dict[str, Secret] = {}
    for file in files:
        for secret in load_file(file, check=os.path.dirname(file) != own):
            if other := secrets.get(secret.rule.id):
                raise RuleError(f"{file}: [[secret]] id '{secret.rule.id}' is already used in {other.rule.file}")
            secrets[secret.rule.id] = secret
    return tuple(secrets.values())


def load_file(file: str, *, check: bool = True) -> tuple[Secret, ...]:
    """The secrets of one rule file, in its order; `check`: compile the patterns too.

    Raises RuleError naming file, table and key.
    """
    try:
        with open(file, "rb") as stream:
            content = stream.read()
    except OSError as error:
        raise RuleError(f"{file}: cannot be read: {error.strerror}") from None
    return from_document(schema.parse(content, file), file, check=check)


def from_document(data: dict[str, Any], file: str, *, check: bool = True) -> tuple[Secret, ...]:
    """The secrets of a parsed rule file."""
    document = Table(data, file, FILE_KEYS)
    provider = _provider(Table(data.get("provider", {}), f"{file}: [provider]", schema.PROVIDER_KEYS))
    guide = Table(data.get("guide", {}), f"{file}: [guide]", schema.GUIDE_KEYS)
    secrets = data.get("secret", [])
    if not isinstance(secrets, list) or not secrets:
        raise document.fail("[[secret]]", "is missing: a rule file has at least one")
    found = tuple(
        _secret(_with_guide(entry, secrets, file), i, provider, guide, file) for i, entry in enumerate(secrets, 1)
    )
    if check:
        for secret in found:
            _check_patterns(secret.rule)
    return found


def find(name: str, extra: Sequence[str] = ()) -> tuple[Secret, ...]:
    """The secret with the id `name`, or all secrets of the provider `name`. Raises UsageError with the nearest ids."""
    files = rule_files(extra)
    own_file = [file for file in files if os.path.basename(file) == f"{name}.toml"]
    if own_file:
        return tuple(secret for file in own_file for secret in load_file(file, check=False))
    secrets = load(files)
    found = tuple(secret for secret in secrets if name in (secret.rule.id, secret.provider.id))
    if not found:
        known = {secret.rule.id for secret in secrets} | {secret.provider.id for secret in secrets}
        raise UsageError(f"no rule or provider is called '{name}'{_similar(name, known)}")
    return found


def _similar(name: str, known: set[str]) -> str:
    import difflib  # noqa: PLC0415 (only for an error)

    close = difflib.get_close_matches(name, sorted(known), n=3, cutoff=0.5)
    return f"; did you mean {' or '.join(close)}?" if close else "; 'secretscan rules list' shows them all"


def _provider(table: Table) -> Provider:
    return Provider(
        id=table.text("id", required=True),
        name=table.text("name", required=True),
        home=table.text("home"),
        console=table.text("console"),
        docs=table.text("docs"),
        audit_logs=table.text("audit_logs"),
        status=table.text("status"),
        support=table.text("support"),
        checked=table.day("checked"),
        sources=table.texts("sources"),
    )


def _secret(data: Any, number: int, provider: Provider, guide: Table, file: str) -> Secret:
    name = data.get("id") if isinstance(data, dict) else None
    word = name if isinstance(name, str) and name.isprintable() and len(name.split()) == 1 else number
    table = Table(data, f"{file}: [[secret]] {word}", schema.SECRET_KEYS)
    for key in schema.REQUIRED:
        if not table.data.get(key):
            raise table.fail(key, "is missing")
    if word != table.text("id"):
        raise table.fail("id", "must be one word")

    def facts(key: str) -> tuple[str, ...]:
        return table.texts(key) + guide.texts(key)

    def steps(key: str) -> tuple[Step, ...]:
        return table.each(key, _step, STEP_KEYS) or guide.each(key, _step, STEP_KEYS)

    return Secret(
        rule=_rule(table, provider, file),
        provider=provider,
        env_var=table.text("env_var"),
        source=table.text("source"),
        confirmed=table.flag("confirmed", default=True),
        summary=table.text("summary"),
        opens=facts("opens"),
        uses=facts("uses"),
        generate=steps("generate"),
        reasons=facts("reasons"),
        risks=facts("risks"),
        practices=facts("practices"),
        audit=table.each("audit", _step, STEP_KEYS) + guide.each("audit", _step, STEP_KEYS),
        revoke=steps("revoke"),
        breaks=_breaks(table, guide),
        examples=table.texts("examples"),
        counterexamples=table.texts("counterexamples"),
    )


def _with_guide(entry: Any, entries: list[Any], file: str) -> Any:
    """`entry` with what it leaves out of its guide taken from the secret that its `guide_of` names."""
    if not isinstance(entry, dict) or "guide_of" not in entry:
        return entry
    name = entry["guide_of"]
    for other in entries:
        if isinstance(other, dict) and other.get("id") == name and "guide_of" not in other:
            return {key: other[key] for key in schema.SHARED if key in other} | entry
    where = f"{file}: [[secret]] {entry.get('id')}"
    raise RuleError(f"{where}: guide_of must name another secret of the file that has a guide of its own, not {name!r}")


def _step(table: Table) -> Step:
    return Step(table.text("text", required=True), table.text("url"), table.text("run"))


def _breaks(table: Table, guide: Table) -> Breaks:
    own, shared = (Table(t.data.get("breaks", {}), f"{t.where} [breaks]", schema.BREAKS) for t in (table, guide))
    return Breaks(*(tuple(dict.fromkeys(own.texts(key) + shared.texts(key))) for key in Breaks._fields))


def _rule(table: Table, provider: Provider, file: str) -> Rule:
    pattern, wide, keywords = _pattern(table)
    if any(len(word) < 2 for word in keywords):
        raise table.fail("keywords", "must be at least 2 characters each")
    return Rule(
        id=table.text("id"),
        name=table.text("name"),
        provider=provider.id,
        pattern=pattern,
        wide=wide,
        keywords=keywords,
        confidence=table.choice("confidence", schema.CONFIDENCES, ""),
        entropy=table.number("entropy", 0.0),
        checksum=table.choice("checksum", schema.CHECKSUMS, ""),
        requires=_part(table),
        overrides=table.texts("overrides"),
        file=file,
    )


def _check_patterns(rule: Rule) -> None:
    """Raises RuleError for a pattern that cannot be used."""
    if problem := width.problem(rule.pattern):
        raise RuleError(f"{rule.file}: [[secret]] {rule.id}: pattern {problem}")
    if rule.requires and (problem := width.problem(rule.requires.pattern, group=False)):
        raise RuleError(f"{rule.file}: [[secret]] {rule.id} requires: pattern {problem}")


def _pattern(table: Table) -> tuple[str, str, tuple[str, ...]]:
    """The pattern, written out or made from names, its wide form, and its keywords in lower case."""
    keywords = tuple(word.lower() for word in table.texts("keywords"))
    names = table.texts("context"), table.texts("near")
    if any(names):
        if table.text("pattern"):
            raise table.fail("pattern", "does not go together with context or near; give one or the other")
        value = table.text("value", required=True)
        keywords = keywords or context.keywords_of(*names)
        return context.pattern_of(*names, value), context.wide_of(*names), keywords
    if not keywords:
        raise table.fail("keywords", "is missing: at least one literal that is in every match")
    return table.text("pattern", required=True), table.text("wide"), keywords


def _part(table: Table) -> Part | None:
    if "requires" not in table.data:
        return None
    part = Table(table.data["requires"], f"{table.where} requires", PART_KEYS)
    pattern = part.text("pattern", required=True)
    return Part(pattern, part.count("within", 10), part.choice("otherwise", schema.OTHERWISE, "drop"))
