"""What is wrong with a rule file is said in one line: file, table, key, and what to write."""

import copy
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretscan.errors import RuleError
from secretscan.ruleset import load, paths, schema

GOOD = """
[provider]
id = "acme"
name = "Acme"
checked = 2026-01-31
sources = ["https://acme.example"]

[guide]
practices = ["Use short-lived tokens."]
breaks = { tools = ["acme"] }

[[secret]]
id = "acme-token"
name = "Acme Token"
confidence = "high"
keywords = ["acme_"]
pattern = '(?P<secret>acme_[a-z]{8})'
entropy = 2.5
summary = "Opens Acme."
generate = ["Choose New.", { text = "Copy it.", url = "https://acme.example", run = "acme new" }]
requires = { pattern = 'id=[0-9]+', within = 3, otherwise = "low" }
examples = ["«acme_{a-z:8}»"]
counterexamples = ["acme_{a-z:7}"]

[secret.breaks]
variables = ["ACME_TOKEN"]
"""


@pytest.fixture
def write(tmp_path):
    """Gives a function that writes a rule file (text or bytes) and gives its path."""

    def written(content: str | bytes, name: str = "acme.toml") -> str:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    return written


def complaint(path: str) -> str:
    """The message for a file that is wrong: one line that begins with the file, and exit code 2."""
    with pytest.raises(RuleError) as raised:
        load.load([path])
    message = str(raised.value)
    assert raised.value.exit_code == 2
    assert message.startswith(f"{path}: ")
    assert len(message.splitlines()) == 1
    return message.removeprefix(f"{path}: ")


def test_a_file_that_is_right(write):
    """The good file of these tests is good, and says what it says."""
    (secret,) = load.load([write(GOOD)])
    assert (secret.rule.id, secret.rule.entropy, secret.rule.requires.within) == ("acme-token", 2.5, 3)
    assert [step.run for step in secret.generate] == ["", "acme new"]
    assert (secret.breaks.variables, secret.breaks.tools) == (("ACME_TOKEN",), ("acme",))
    assert secret.practices == ("Use short-lived tokens.",)


def test_a_secret_shares_the_guide_of_another(write):
    """What it leaves out is taken from there; what it says itself stays."""
    old = """
[[secret]]
id = "acme-old-token"
guide_of = "acme-token"
name = "Acme Old Token"
confidence = "medium"
keywords = ["acmeold"]
pattern = '(?P<secret>acmeold[a-z]{8})'
summary = "Opened Acme until 2020."
examples = ["«acmeold{a-z:8}»"]
counterexamples = ["acmeold{a-z:7}"]
risks = ["It is old."]
"""
    new, old = load.load([write(GOOD + old)])
    assert (old.generate, old.breaks, old.practices) == (new.generate, new.breaks, new.practices)
    assert (old.summary, old.risks, new.risks) == ("Opened Acme until 2020.", ("It is old.",), ())
    assert old.rule.requires is None


SECRET = "[[secret]] acme-token"
CASES = {
    "unknown table": ("[[secret]]", "[[secrets]]", "unknown key 'secrets'; did you mean 'secret'?"),
    "unknown key of a provider": (
        "[provider]",
        "[provider]\nhomepage = ''",
        "[provider]: unknown key 'homepage'; did you mean 'home'?",
    ),
    "unknown key of a guide": ("[guide]", "[guide]\nrisk = []", "[guide]: unknown key 'risk'; did you mean 'risks'?"),
    "unknown key of a secret": (
        "entropy =",
        "entropie =",
        f"{SECRET}: unknown key 'entropie'; did you mean 'entropy'?",
    ),
    "the guide of nobody": (
        "entropy =",
        "guide_of = 'acme-tokn' #",
        f"{SECRET}: guide_of must name another secret of the file that has a guide of its own, not 'acme-tokn'",
    ),
    "the guide of itself": ("entropy =", "guide_of = 'acme-token' #", f"{SECRET}: guide_of must name another secret"),
    "unlike any key": ("entropy =", "qqq =", f"{SECRET}: unknown key 'qqq'; valid keys are audit, breaks,"),
    "unknown key of a step": (
        "url =",
        "link =",
        f"{SECRET} generate 2: unknown key 'link'; valid keys are run, text, url",
    ),
    "unknown key of a part": (
        "within =",
        "withing =",
        f"{SECRET} requires: unknown key 'withing'; did you mean 'within'?",
    ),
    "unknown key of breaks": (
        "variables =",
        "variable =",
        f"{SECRET} [breaks]: unknown key 'variable'; did you mean 'variables'?",
    ),
    "no provider": ('id = "acme"\n', "", "[provider]: id is missing"),
    "no id": ('id = "acme-token"', "", "[[secret]] 1: id is missing"),
    "an empty id": ('id = "acme-token"', "id = ''", "[[secret]] 1: id is missing"),
    "an id of two words": ('id = "acme-token"', "id = 'acme token'", "[[secret]] 1: id must be one word"),
    "no name": ('name = "Acme Token"', "", f"{SECRET}: name is missing"),
    "no confidence": ('confidence = "high"', "", f"{SECRET}: confidence is missing"),
    "no summary": ('summary = "Opens Acme."', "", f"{SECRET}: summary is missing"),
    "no examples": ('examples = ["«acme_{a-z:8}»"]', "", f"{SECRET}: examples is missing"),
    "no keywords": ('keywords = ["acme_"]', "", f"{SECRET}: keywords is missing"),
    "no pattern": ("pattern = '(?P<secret>acme_[a-z]{8})'", "", f"{SECRET}: pattern is missing"),
    "no text in a step": ('text = "Copy it.", ', "", f"{SECRET} generate 2: text is missing"),
    "no pattern in a part": ("pattern = 'id=[0-9]+', ", "", f"{SECRET} requires: pattern is missing"),
    "a name that is a number": ('name = "Acme Token"', "name = 5", f"{SECRET}: name must be a string in quotes"),
    "keywords that are a text": (
        'keywords = ["acme_"]',
        'keywords = "acme_"',
        f"{SECRET}: keywords must be a list of strings",
    ),
    "keywords with a number": (
        'keywords = ["acme_"]',
        "keywords = [1]",
        f"{SECRET}: keywords must be a list of strings",
    ),
    "a keyword that is too short": (
        'keywords = ["acme_"]',
        "keywords = ['a']",
        f"{SECRET}: keywords must be at least 2 characters",
    ),
    "entropy that is a text": ("entropy = 2.5", "entropy = '2.5'", f"{SECRET}: entropy must be a number"),
    "entropy that is a truth": ("entropy = 2.5", "entropy = true", f"{SECRET}: entropy must be a number"),
    "confirmed that is a text": ("entropy = 2.5", "confirmed = 'yes'", f"{SECRET}: confirmed must be true or false"),
    "steps that are a text": (
        'generate = ["Choose New.", ',
        "audit = 'x'\ngenerate = [",
        f"{SECRET}: audit must be a list",
    ),
    "a step that is a number": ('"Choose New."', "7", f"{SECRET} generate 1: must be a table"),
    "a part that is a text": (
        "requires = {",
        "requires = 'x'\naudit = []\nopens = []\nx = {",
        f"{SECRET}: unknown key 'x'",
    ),
    "lines that are a text": (
        "within = 3",
        "within = '3'",
        f"{SECRET} requires: within must be a whole number of lines",
    ),
    "lines that are no number": (
        "within = 3",
        "within = inf",
        f"{SECRET} requires: within must be a whole number of lines",
    ),
    "lines that are less than none": (
        "within = 3",
        "within = -1",
        f"{SECRET} requires: within must be a whole number of lines",
    ),
    "half lines": ("within = 3", "within = 1.5", f"{SECRET} requires: within must be a whole number of lines"),
    "a provider that is a text": ("[provider]", "provider = 'acme'\n[x]", "unknown key 'x'"),
    "one secret that is no list": ("[[secret]]", "[secret]", "[[secret]] is missing: a rule file has at least one"),
    "a date in quotes": ("2026-01-31", "'2026-01-31'", "[provider]: checked must be a date without quotes"),
    "a confidence that is none": (
        '"high"',
        '"sure"',
        f"{SECRET}: confidence is 'sure'; it must be one of low, medium, high",
    ),
    "a checksum that is none": (
        "entropy = 2.5",
        "checksum = 'crc'",
        f"{SECRET}: checksum is 'crc'; it must be one of crc32-base62,",
    ),
    "otherwise that is none": (
        'otherwise = "low"',
        'otherwise = "high"',
        f"{SECRET} requires: otherwise is 'high'; it must be one of drop,",
    ),
    "a pattern that does not compile": (
        "acme_[a-z]{8})'",
        "acme_[a-z]{8}'",
        f"{SECRET}: pattern does not compile: missing )",
    ),
    "a pattern of texts": (
        "'(?P<secret>",
        "'(?u)(?P<secret>",
        f"{SECRET}: pattern does not compile: cannot use UNICODE flag",
    ),
    "a part that does not compile": ("'id=[0-9]+'", "'id=[0-9+'", f"{SECRET} requires: pattern does not compile"),
    "a pattern without group": (
        "(?P<secret>acme_",
        "(acme_",
        f"{SECRET}: pattern has no group (?P<secret>…) around the secret",
    ),
    "a pattern that matches nothing": ("acme_[a-z]{8})'", "[a-z]{0,8})'", f"{SECRET}: pattern matches the empty text"),
    "names and a pattern": (
        "entropy =",
        "context = ['ACME']\nentropy =",
        f"{SECRET}: pattern does not go together with context or near",
    ),
    "names without a value": ("pattern =", "context = ['ACME']\nwide =", f"{SECRET}: value is missing"),
    "a file that is empty": (GOOD, "", "[provider]: id is missing"),
    "a file that is no TOML": ("[provider]", "[provider", "not valid TOML: "),
    "a file with a key twice": ("entropy =", "entropy = 1\nentropy =", "not valid TOML: "),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_is_named(write, case):
    """File, table and key, and where a key is not known the nearest that is."""
    old, new, expected = CASES[case]
    assert old in GOOD
    assert complaint(write(GOOD.replace(old, new, 1))).startswith(expected)


def test_a_file_that_is_not_utf_8(write):
    """The first byte that is wrong, and what to do."""
    content = GOOD.replace("Opens", "Öffnet").encode("latin-1")
    assert complaint(write(content)) == f"not valid UTF-8 at byte {content.index(0xD6)}: save the file as UTF-8"


def test_a_table_that_is_a_list(write):
    """`[[provider]]` is a list of tables where one table is wanted."""
    assert complaint(write(GOOD.replace("[provider]", "[[provider]]"))) == "[provider]: must be a table"
    assert complaint(write("secret = [1]\n[provider]\nid='a'\nname='a'\n")) == "[[secret]] 1: must be a table"


def test_a_key_of_many_lines_is_still_one_line(write):
    """A strange key does not break the message."""
    assert "unknown key" in complaint(write(GOOD.replace("entropy =", '"a\\nb\\u001b[1m" =')))


def test_an_id_in_two_files(write):
    """Both files are named."""
    first, second = write(GOOD), write(GOOD, "other.toml")
    with pytest.raises(RuleError) as raised:
        load.load([first, second])
    assert str(raised.value) == f"{second}: [[secret]] id 'acme-token' is already used in {first}"
    assert raised.value.exit_code == 2


def test_an_id_twice_in_a_file(write):
    """The same for one file."""
    secret = GOOD[GOOD.index("[[secret]]") :]
    assert complaint(write(GOOD + secret)).startswith("[[secret]] id 'acme-token' is already used in ")


def test_a_file_that_is_a_folder_or_not_there(tmp_path):
    """What the system says, behind the file's name."""
    (tmp_path / "folder.toml").mkdir()
    assert complaint(str(tmp_path / "folder.toml")) == "cannot be read: Is a directory"
    assert complaint(str(tmp_path / "none.toml")) == "cannot be read: No such file or directory"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="everything can be read by root")
def test_a_file_that_may_not_be_read(write):
    """The same for a file without the right to read it."""
    path = write(GOOD)
    os.chmod(path, 0)
    assert complaint(path) == "cannot be read: Permission denied"


@pytest.mark.parametrize("name", ["empty", "empty/none.toml", "none"])
def test_a_path_without_rule_files(tmp_path, name):
    """A folder without one, a file that is not there, a folder that is not there."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "readme.txt").write_text("")
    path = str(tmp_path / name)
    with pytest.raises(RuleError) as raised:
        paths.rule_files([path])
    assert str(raised.value) == f"{path}: no rule file there; it must be a .toml file or a folder of them"


def test_a_folder_gives_its_rule_files_in_order(tmp_path, write):
    """Only .toml files, by name, behind those that come with secretscan, and each once."""
    files = [write(GOOD, name) for name in ("a.toml", "b.toml")]
    (tmp_path / "notes.md").write_text("")
    own = paths.rule_files()
    assert own == sorted(own)
    assert paths.rule_files([str(tmp_path)]) == [*own, *files]
    assert paths.rule_files([files[1], str(tmp_path)]) == [*own, files[1], files[0]]


def test_a_command_says_it_and_ends(write):
    """From the command line: one line on standard error, exit code 2."""
    path = write(GOOD.replace("entropy =", "entropie ="))
    root = str(Path(load.__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-P", "-m", "secretscan", "rules", "test", "--rules", path, "x"],
        check=False, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": root},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"secretscan: {path}: {SECRET}: unknown key 'entropie'; did you mean 'entropy'?\n"


@pytest.mark.parametrize(
    ("word", "near"), [("confidance", "confidence"), ("checksums", "checksum"), ("contxt", "context")]
)
def test_the_nearest_key(word, near):
    """A slip of the pen is understood; what is like nothing gets the whole list."""
    assert schema.nearest(word, schema.SECRET_KEYS) == f"; did you mean '{near}'?"
    assert schema.nearest("zzzzzz", schema.BREAKS) == "; valid keys are effects, files, tools, variables"


WORDS = st.sampled_from(["(?P<secret>a)", "(", "(?u)", "(?P<secret>a*)", "high", "jwt", "drop", "a" * 300])
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.dates() | WORDS
NAMES = st.text(max_size=4) | st.sampled_from(["text", "pattern", "within"])
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=5,
)
KEYS = st.sampled_from(sorted(schema.SECRET_KEYS | schema.PROVIDER_KEYS | load.FILE_KEYS)) | st.text(max_size=5)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """The good document with something else in one to three places."""
    document = copy.deepcopy(tomllib.loads(GOOD))
    tables = (document["provider"], document["guide"], document["secret"][0], document)
    for _ in range(draw(st.integers(1, 3))):
        draw(st.sampled_from(tables))[draw(KEYS)] = draw(VALUES)
    return document


@settings(max_examples=300)
@given(documents())
def test_any_value_anywhere_is_taken_or_refused(document):
    """Whatever a document holds: it is loaded, or a RuleError of one line says why not."""
    secrets, message = (), "acme.toml: fine"
    try:
        secrets = load.from_document(document, "acme.toml")
    except RuleError as error:
        message = str(error)
    assert len(message.splitlines()) == 1
    assert message.startswith("acme.toml: ")
    assert all(secret.rule.keywords and secret.rule.pattern for secret in secrets)
