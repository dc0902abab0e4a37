"""The guide: what every page says, and that a rule's facts are in it."""

import pytest

from secretscan.errors import UsageError
from secretscan.model import SECTIONS
from secretscan.remediation.blocks import Bullets, Code, Heading, Paragraph, Steps, parse
from secretscan.remediation.guide import LANGUAGES, compose
from secretscan.remediation.snippets import STORES
from secretscan.ruleset.provider import Breaks, Step


def guide_of(secret, *, lang="", stores=STORES, section=None):
    """The guide with all stores, unless a test wants less."""
    return compose(secret, lang=lang, stores=stores, section=section)


def section_of(secret, name, **options):
    """One section of the guide."""
    (section,) = guide_of(secret, section=name, **options).sections
    return section


def texts(blocks):
    """All words of some blocks, one string an item."""
    for block in blocks:
        match block:
            case Heading(text) | Paragraph(text):
                yield text
            case Bullets(items):
                yield from items
            case Steps(items):
                for step in items:
                    yield from filter(None, step)
            case Code():
                yield block.text


def test_a_guide_has_every_section_in_order(make_secret):
    """Title, lead and the nine sections are there, each with a heading and something to read."""
    guide = guide_of(make_secret())
    assert guide.title == "My CircleCI Personal API Token leaked! What should I do?"
    assert guide.lead.startswith("Reads and writes every project")
    assert tuple(section.id for section in guide.sections) == SECTIONS
    assert all(section.title and section.blocks for section in guide.sections)
    assert guide.sources[-1] == "https://circleci.com/docs/managing-api-tokens/#format"
    assert len(set(guide.sources)) == len(guide.sources)


FACTS = {
    "about": ("It does not expire.", "Starting pipelines from scripts."),
    "generate": ("Choose Create New Token and name it.",),
    "reasons": ("It sits in ~/.circleci/cli.yml, which dotfile repositories like to include.",),
    "risks": ("Start a pipeline that prints the project's variables.",),
    "practices": ("Use a project token where one project is enough.",),
    "abused": ("Download the audit log.", "circleci audit-log"),
    "revoke": ("Delete the leaked token: X next to its name.", "circleci setup\ncircleci diagnostic"),
    "breaks": (
        "CIRCLECI_CLI_TOKEN",
        "~/.circleci/cli.yml (key token)",
        "circleci CLI",
        "Calls answer 401 Unauthorized.",
    ),
}


@pytest.mark.parametrize("name", FACTS)
def test_a_section_holds_the_facts_of_the_rule_and_general_advice(name, make_secret):
    """What the rule file knows is printed, and the general advice comes with it."""
    found = list(texts(section_of(make_secret(), name).blocks))
    assert set(FACTS[name]) <= set(found)
    general = list(texts(section_of(make_secret(**dict.fromkeys(EMPTY, ()), breaks=Breaks()), name).blocks))
    assert general
    assert not set(FACTS[name]) & set(general)


EMPTY = ("opens", "uses", "generate", "reasons", "risks", "practices", "audit", "revoke")


@pytest.mark.parametrize("name", SECTIONS)
def test_missing_facts_leave_no_empty_lines_behind(name, make_secret):
    """A rule that knows little still makes a whole page: no empty list, no introduction to nothing, no bare label."""
    bare = dict.fromkeys(("docs", "console", "audit_logs", "status", "support", "checked"), "")
    secret = make_secret(**dict.fromkeys(EMPTY, ()), **bare, breaks=Breaks(), sources=(), source="", summary="")
    blocks = section_of(secret, name).blocks
    assert blocks
    assert not [text for text in texts(blocks) if text.endswith(": ")]
    for before, after in zip(blocks, [*blocks[1:], None], strict=True):
        if isinstance(before, Paragraph) and before.text.endswith(":"):
            assert isinstance(after, Bullets | Steps | Code)


@pytest.mark.parametrize("name", SECTIONS)
def test_no_placeholder_survives(name, make_secret):
    """Every placeholder of the templates is known."""
    assert not [text for text in texts(section_of(make_secret(), name).blocks) if "{{path" in text or "{{s" in text]


def test_prevention_shows_the_usual_five_languages_for_each_store(make_secret):
    """Without a wish there are five languages, and for each store also how to put the value there."""
    codes = [block for block in section_of(make_secret(), "prevent").blocks if isinstance(block, Code)]
    expected = [(store, language) for store in STORES for language in ("bash", *LANGUAGES)]
    assert [(code.store, code.language) for code in codes] == expected


def test_language_and_store_narrow_the_code(make_secret):
    """One language and one store: the way in and the way out, nothing else."""
    blocks = section_of(make_secret(), "prevent", lang="ruby", stores=("vault",)).blocks
    codes = [block for block in blocks if isinstance(block, Code)]
    assert [(code.store, code.language) for code in codes] == [("vault", "bash"), ("vault", "ruby")]
    assert "1. HashiCorp Vault" in texts(blocks)


def test_a_language_without_a_lookup_for_a_store_says_so(make_secret):
    """Where a kind of file cannot ask a store, the guide says what to do instead of being silent."""
    found = list(texts(section_of(make_secret(), "prevent", lang="dotenv", stores=("aws",)).blocks))
    assert any(".env has no look-up" in text and "CIRCLE_TOKEN" in text for text in found)


def test_a_rule_without_a_variable_gets_one(make_secret):
    """The variable is made from the rule's id, and never begins with a digit."""
    secret = make_secret(env_var="", rule_id="1password-service-token")
    code = "\n".join(texts(section_of(secret, "prevent", lang="python", stores=("env",)).blocks))
    assert 'os.environ["SECRET_1PASSWORD_SERVICE_TOKEN"]' in code


def test_a_variable_cannot_break_out_of_the_code(make_secret):
    """Code is copied and run: a variable's name is only ever a name."""
    secret = make_secret(env_var="X$(touch owned)\n';\"")
    code = "\n".join(texts(section_of(secret, "prevent", lang="bash").blocks))
    assert "X__touch_owned_____" in code
    assert "$(touch" not in code


def test_control_characters_of_a_rule_file_do_not_reach_the_guide(make_secret):
    """A rule file from elsewhere cannot steer the terminal."""
    evil = "Delete it\x1b]0;owned\x07 now\x9b2J\u202e.\nThen rest"
    facts = {"risks": (evil,), "summary": evil, "name": evil, "sources": (evil,), "env_var": evil}
    guide = guide_of(make_secret(revoke=(Step(evil, evil, evil),), **facts))
    everything = [
        guide.title,
        guide.lead,
        *guide.sources,
        *(t for s in guide.sections for t in (s.title, *texts(s.blocks))),
    ]
    assert all(c.isprintable() or c in "\n\t" for text in everything for c in text)


def test_an_unknown_section_is_refused(make_secret):
    """A section that does not exist is an error that names those that do."""
    with pytest.raises(UsageError, match="sections: about, prevent"):
        guide_of(make_secret(), section="everything")


def test_templates_know_headings_lists_steps_and_values():
    """The markup of the templates: every kind of block, values filled, what names an empty value left out."""
    text = """
## About {{name}}

A line
and another.

- one {{name}}
- {{empty}} two
- three
  goes on

1. Look.
   $ git log {{name}}
2. Open it.
   {{url}}
3. Not {{empty}}.

Nothing here:

{{none}}

See {{empty}}
"""
    values = {"name": "X", "empty": "", "url": "https://x.example"}
    assert parse(text, values, {"none": ()}) == (
        Heading("About X"),
        Paragraph("A line and another."),
        Bullets(("one X", "three goes on")),
        Steps((Step("Look.", "", "git log X"), Step("Open it.", "https://x.example"))),
    )
