"""Composes the guide of a secret: templates say what is true of every provider, its rule what is true of this one."""

import os
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from secretscan.errors import UsageError
from secretscan.model import SECTIONS
from secretscan.remediation.blocks import Block, Blocks, Bullets, Code, Paragraph, Steps, parse
from secretscan.remediation.languages import NAMES
from secretscan.remediation.snippets import put, snippet
from secretscan.remediation.wording import fill, names_of, plain, variable_of
from secretscan.ruleset.provider import Secret, Step

LANGUAGES = ("python", "javascript", "go", "java", "bash")
"""Shown where no language is asked for."""

_TEMPLATES = os.path.join(os.path.dirname(__file__), "templates")


class Section(NamedTuple):
    """One section; `id` is one of `model.SECTIONS`."""

    id: str
    title: str
    blocks: Blocks


class Guide(NamedTuple):
    """The page for one secret type."""

    rule_id: str
    secret_type: str
    provider: str
    provider_name: str
    title: str
    lead: str
    sections: tuple[Section, ...]
    sources: tuple[str, ...]
    checked: str  # ISO date on which the sources were last read


def compose(secret: Secret, *, lang: str, stores: Sequence[str], section: str | None = None) -> Guide:
    """The guide for `secret`.

    `lang` is one of `languages.NAMES`, or "" for the usual five; `stores` of `snippets.STORES`, in the order given;
    `section` narrows the guide to one of `model.SECTIONS`. Raises UsageError for a section that does not exist.
    """
    if section is not None and section not in SECTIONS:
        raise UsageError(f"no section is called '{section}'; sections: {', '.join(SECTIONS)}")
    wanted = SECTIONS if section is None else (section,)
    values = _values(secret)
    lists = _facts(secret)
    if "prevent" in wanted:
        languages = (lang,) if lang else LANGUAGES
        parts = (_store(store, number, languages, values) for number, store in enumerate(stores, 1))
        lists["stores"] = tuple(block for part in parts for block in part)
    provider = secret.provider
    return Guide(
        rule_id=secret.rule.id,
        secret_type=values["secret"],
        provider=provider.id,
        provider_name=values["provider"],
        title=f"My {values['secret']} leaked! What should I do?",
        lead=_lead(secret),
        sections=tuple(_section(name, values, lists) for name in wanted),
        sources=tuple(dict.fromkeys(plain(source) for source in (*provider.sources, secret.source) if source)),
        checked=plain(provider.checked),
    )


def _lead(secret: Secret) -> str:
    return (
        f"{plain(secret.summary)} Whoever has seen it can use it until it is revoked: deleting the line, the commit or "
        "the repository does not take it back. Revoke it first, then clean up."
    ).lstrip()


def _section(name: str, values: dict[str, str], lists: dict[str, Blocks]) -> Section:
    heading, _, body = _read("sections", name).partition("\n")
    return Section(name, fill(heading.removeprefix("# "), values), parse(body, values, lists))


def _store(store: str, number: int, languages: Sequence[str], values: dict[str, str]) -> Blocks:
    """What there is to say and to copy for one store."""
    variable = values["variable"]
    code: list[Block] = []
    for language in languages:
        if text := snippet(variable, language, store):
            code.append(Code(f"Read it in {NAMES[language]}", language, store, text))
        else:
            code.append(
                Paragraph(f"{NAMES[language]} has no look-up of its own for this store: fill {variable} from it.")
            )
    lists = {
        "put": (Code("Put the value there", "bash", store, put(variable, store)),),
        "snippets": tuple(code),
    }
    return parse(_read("stores", store), {**values, "number": str(number)}, lists)


def _values(secret: Secret) -> dict[str, str]:
    """What the placeholders of the templates stand for."""
    provider = secret.provider
    values = {
        "secret": secret.rule.name,
        "provider": provider.name,
        "rule": secret.rule.id,
        "docs": provider.docs,
        "console": provider.console,
        "audit_logs": provider.audit_logs,
        "status": provider.status,
        "support": provider.support,
    }
    return {key: plain(value) for key, value in values.items()} | names_of(variable_of(secret))


def _facts(secret: Secret) -> dict[str, Blocks]:
    """What the rule file says, by placeholder."""
    breaks = secret.breaks
    lists: dict[str, Blocks] = {"stores": ()}
    for name in ("opens", "uses", "reasons", "risks", "practices"):
        lists[name] = _bullets(getattr(secret, name))
    for name in breaks._fields:
        lists[name] = _bullets(getattr(breaks, name))
    for name in ("generate", "audit", "revoke"):
        lists[name] = _steps(getattr(secret, name))
    return lists


def _bullets(items: Iterable[str]) -> Blocks:
    texts = tuple(plain(item) for item in items)
    return (Bullets(texts),) if texts else ()


def _steps(steps: Iterable[Step]) -> Blocks:
    items = tuple(Step(plain(step.text), plain(step.url), _command(step.run)) for step in steps)
    return (Steps(items),) if items else ()


def _command(run: str) -> str:
    """A command without control characters; it keeps its lines."""
    return "\n".join("".join(c for c in line if c.isprintable()) for line in run.splitlines())


def _read(folder: str, name: str) -> str:
    with open(os.path.join(_TEMPLATES, folder, f"{name}.md"), encoding="utf-8") as file:
        return file.read()
