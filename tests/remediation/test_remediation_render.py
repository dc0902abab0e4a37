"""The guide as text, Markdown, HTML and JSON."""

import json
import re
from html.parser import HTMLParser

import pytest

from secretscan.model import SECTIONS
from secretscan.remediation import render_html, render_json, render_markdown, render_text
from secretscan.remediation.guide import compose
from secretscan.remediation.snippets import STORES
from secretscan.ruleset.provider import Step

HOSTILE = (
    "<script>alert(1)</script> & \"quoted\" 'it' [a](javascript:x) *b* `code` </code> https://x.example/?a=1&b=<i>"
)


@pytest.fixture
def guide(make_secret):
    """The whole guide."""
    return compose(make_secret(), lang="", stores=STORES)


@pytest.fixture
def hostile(make_secret):
    """A guide whose facts would break out of careless markup."""
    steps = (Step(HOSTILE, 'javascript:alert("1")', HOSTILE), Step("ok", "https://x.example/?a=1&b=2"))
    texts = dict.fromkeys(("opens", "uses", "reasons", "risks", "practices"), (HOSTILE,))
    return compose(
        make_secret(**texts, generate=steps, audit=steps, revoke=steps, rule_name=HOSTILE, summary=HOSTILE),
        lang="",
        stores=STORES,
    )


@pytest.fixture
def second(make_secret):
    """The guide of another secret of the same provider."""
    return compose(make_secret(rule_id="circleci-project-token", rule_name="Project Token"), lang="", stores=("env",))


def code_lines(guide):
    """Lines of code and commands, which are not wrapped."""
    blocks = [block for section in guide.sections for block in section.blocks]
    return {line for block in blocks if hasattr(block, "language") for line in block.text.splitlines()}


@pytest.mark.parametrize("width", [60, 80, 100])
def test_text_is_wrapped_except_code_and_urls(guide, width):
    """No line of prose is wider than the screen; code keeps its lines."""
    lines = render_text.render([guide], width=width).splitlines()
    code = code_lines(guide)
    assert code <= {line.removeprefix("    ") for line in lines}
    long = [line for line in lines if len(line) > width and line.removeprefix("    ") not in code]
    assert all("http" in line or line.lstrip().startswith("$ ") for line in long)


def test_text_shows_every_step_with_its_url_and_command(guide):
    """Steps are numbered, with where to click and what to run below."""
    text = render_text.render([guide])
    url = "https://app.circleci.com/settings/user/tokens"
    assert f"  1. Create the replacement token.\n     {url}\n" in text
    assert "     $ circleci setup\n       circleci diagnostic\n" in text
    assert "Sources, last read 2026-11-22:" in text


def test_text_has_colour_only_if_asked(guide):
    """No escape sequence without `color`; with it the words stay the same."""
    plain = render_text.render([guide])
    colored = render_text.render([guide], color=True)
    assert "\x1b" not in plain
    assert "\x1b[1m" in colored
    assert re.sub(r"\x1b\[\d+m", "", colored) == plain


@pytest.mark.parametrize("module", [render_text, render_markdown, render_html])
def test_many_guides_begin_with_a_list(module, guide, second):
    """A provider's page names its secrets, then has the guide of each."""
    page = module.render([guide, second])
    assert page.index("CircleCI: 2 secret types") < page.index("circleci-project-token") < page.index("My CircleCI")
    assert "My Project Token leaked!" in page
    assert "secret types" not in module.render([guide])


def test_markdown_fences_code_and_escapes_facts(hostile):
    """Facts stay text in Markdown: no tag, link or emphasis of theirs survives."""
    page = render_markdown.render([hostile])
    prose = re.sub(r"(?ms)^ *```.*?^ *```$", "", page)
    prose = re.sub(r"`[^`\n]*`|<https?://[^>\s]*>", "", prose)
    assert "\\<script\\>" in prose
    assert not re.search(r"(?<!\\)<|(?<!\\)\*|(?<!\\)\[", prose)
    assert page.count("```") % 2 == 0


def test_markdown_has_a_heading_for_each_section(guide):
    """Title, sections and stores are headings of three levels."""
    page = re.sub(r"(?ms)^ *```.*?^ *```$", "", render_markdown.render([guide]))
    assert len(re.findall(r"^# ", page, re.MULTILINE)) == 1
    assert len(re.findall(r"^## ", page, re.MULTILINE)) == len(SECTIONS)
    assert re.findall(r"^### \d\. (.*)", page, re.MULTILINE)[-1] == "CyberArk Conjur"


class Page(HTMLParser):
    """What a page consists of; fails on tags that are not closed in order."""

    VOID = ("meta", "br")

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.links, self.ids, self.words = [], [], [], [], []

    def handle_starttag(self, tag, attributes):
        """Notes a tag and where it leads."""
        self.tags.append(tag)
        values = dict(attributes)
        self.links += [values[key] for key in ("href", "src", "action", "data") if key in values]
        self.ids += [values["id"]] if "id" in values else []
        assert not [name for name in values if name.startswith("on")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        """Checks that it closes what was opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data):
        """Keeps the words."""
        self.words.append(data)


def page_of(*guides):
    """The parsed page."""
    page = Page()
    page.feed(render_html.render(guides))
    page.close()
    assert page.open == []
    return page


def test_html_is_one_page_that_fetches_and_runs_nothing(guide, second):
    """No script, no picture, no style sheet from elsewhere; the contents lead to parts of this page."""
    page = page_of(guide, second)
    assert not {"script", "img", "link", "iframe", "object", "form"} & set(page.tags)
    assert all(link.startswith(("#", "https://")) for link in page.links)
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    assert len(set(page.ids)) == len(page.ids)
    html = render_html.render([guide])
    assert "url(" not in html
    assert "@import" not in html
    assert "prefers-color-scheme: dark" in html


def test_html_escapes_every_fact(hostile):
    """Facts stay text in HTML, and only addresses of the web become links."""
    page = page_of(hostile)
    assert not {"script", "i"} & set(page.tags)
    assert any("<script>alert(1)</script>" in word for word in page.words)
    assert not [link for link in page.links if link.startswith("javascript:")]
    assert "https://x.example/?a=1&b=2" in page.links


def test_json_is_the_guide_as_data(guide):
    """The object has the fixed keys, the sections in order and blocks that say their type."""
    data = json.loads(render_json.render([guide]))
    assert [data[key] for key in ("schema", "rule_id", "provider", "checked")] == [
        1,
        "circleci-personal-api-token",
        "circleci",
        "2026-11-22",
    ]
    assert data["secret_type"] == "CircleCI Personal API Token"
    assert [section["id"] for section in data["sections"]] == list(SECTIONS)
    blocks = [block for section in data["sections"] for block in section["blocks"]]
    assert {block["type"] for block in blocks} == {"heading", "paragraph", "bullets", "steps", "code"}
    assert all(section["title"] for section in data["sections"])
    steps = next(block for block in data["sections"][7]["blocks"] if block["type"] == "steps")
    assert steps["items"][1] == {
        "text": "Put it where the old one was used.",
        "url": "",
        "run": "circleci setup\ncircleci diagnostic",
    }
    code = next(block for block in blocks if block["type"] == "code")
    assert set(code) == {"type", "title", "language", "store", "text"}


def test_json_of_a_provider_is_a_list(guide, second):
    """Several guides, or one asked for as a list, lie under `guides`."""
    data = json.loads(render_json.render([guide, second], as_list=True))
    assert [entry["rule_id"] for entry in data["guides"]] == ["circleci-personal-api-token", "circleci-project-token"]
    assert data["schema"] == 1
