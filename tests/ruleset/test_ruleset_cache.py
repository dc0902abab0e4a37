"""The compiled ruleset on disk is used where it can be trusted, made anew where not, and never needed."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from secretscan import __file__ as package
from secretscan.engine.scan import Engine
from secretscan.ruleset import cache, paths
from secretscan.ruleset import compile as compiler
from secretscan.ruleset.cache import Ruleset, open_ruleset

pytestmark = pytest.mark.skipif(not compiler.available(), reason="no Hyperscan on this platform: nothing is cached")

RULES = """
[provider]
id = "acme"
name = "Acme"

[[secret]]
id = "acme-token"
name = "Acme Token"
confidence = "high"
keywords = ["acme_"]
pattern = '(?<![a-z])(?P<secret>acme_[a-z]{8,SIZE})(?![a-z])'
summary = "Opens Acme."
requires = { pattern = 'id=[0-9]', within = 3, otherwise = "low" }
examples = ["«acme_{a-z:8}»"]
counterexamples = ["acme_{a-z:7}"]
"""
TEXT = b"id=1\nkey = acme_qwertzui\n"


@pytest.fixture(autouse=True)
def rules(tmp_path, monkeypatch):
    """The one rule file that comes with secretscan here: compiled in no time."""
    folder = tmp_path / "rules"
    folder.mkdir()
    path = folder / "acme.toml"
    path.write_text(RULES.replace("SIZE", "8"))
    monkeypatch.setattr(paths, "builtin", lambda: str(folder))
    return path


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The cache's folder, which does not exist yet."""
    path = tmp_path / "home" / "cache"
    monkeypatch.setenv("SECRETSCAN_CACHE_DIR", str(path))
    return path


def cached(ruleset: Ruleset) -> bool:
    """Whether it is the compiled one: without `thorough` only the cache can give it."""
    return ruleset.keyword_rules is None


def works(ruleset: Ruleset) -> bool:
    """Whether an engine finds with it what is to be found, with all that the rule says."""
    found = [(c.rule.id, c.value, c.confidence, c.rule.requires) for c in Engine(ruleset).scan(TEXT)]
    return found == [("acme-token", b"acme_qwertzui", "high", ("id=[0-9]", 3, "low"))]


def files(folder: Path, ending: str = "") -> list[Path]:
    """What lies in the cache."""
    return sorted(path for path in folder.iterdir() if path.name.endswith(ending))


def test_nothing_is_compiled_unless_it_is_worth_it(folder):
    """The first run goes with keywords and keeps nothing; both forms find the same."""
    first = open_ruleset()
    assert not cached(first)
    assert works(first)
    assert files(folder) == []


def test_the_cache_is_used_when_it_is_there(folder):
    """After a thorough run, every run has the compiled rules."""
    assert works(open_ruleset(thorough=True))
    assert cached(open_ruleset())
    assert works(open_ruleset())
    assert [stat.S_IMODE(path.stat().st_mode) for path in (folder, *files(folder))] == [0o700, 0o600, 0o600]


def test_the_plain_path_needs_no_cache(folder):
    """It neither reads nor writes."""
    assert works(open_ruleset(plain=True))
    assert not folder.exists()


@pytest.mark.usefixtures("folder")
def test_a_changed_rule_file_is_compiled_anew(rules):
    """The old compiled rules are not used for the new rules, and those of the new file are found."""
    open_ruleset(thorough=True)
    rules.write_text(RULES.replace("SIZE", "9"))
    assert not cached(open_ruleset())
    text = TEXT.replace(b"zui", b"zuiu")
    assert [c.value for c in Engine(open_ruleset()).scan(text)] == [b"acme_qwertzuiu"]
    assert [c.value for c in Engine(open_ruleset(thorough=True)).scan(text)] == [b"acme_qwertzuiu"]
    assert cached(open_ruleset())


def test_a_rule_file_of_the_same_size_and_time_is_compiled_anew(folder, rules):
    """A checkout may restore times; the change of the file is seen all the same."""
    open_ruleset(thorough=True)
    before = rules.stat()
    rules.write_text(RULES.replace("SIZE", "9"))
    os.utime(rules, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert rules.stat().st_size == before.st_size
    assert not cached(open_ruleset())
    assert len(files(folder, ".db")) == 1


def test_more_rules_have_a_cache_of_their_own(folder, tmp_path):
    """What a project adds does not spoil what comes with secretscan."""
    own = tmp_path / "own.toml"
    own.write_text(RULES.replace("acme", "contoso").replace("SIZE", "8"))
    open_ruleset(thorough=True)
    assert not cached(open_ruleset([str(own)]))
    assert open_ruleset([str(own)], thorough=True).count == 2
    assert cached(open_ruleset([str(own)]))
    assert cached(open_ruleset())
    assert len(files(folder, ".db")) == 2


def damage(path: Path, how: str) -> None:
    """Damages a file."""
    content = path.read_bytes()
    if how.startswith("byte"):
        place = int(how.split()[1]) * (len(content) - 1) // 100
        content = content[:place] + bytes((content[place] ^ 1,)) + content[place + 1 :]
    kept = {"half": len(content) // 2, "digest only": 32, "empty": 0, "one short": len(content) - 1}.get(
        how, len(content)
    )
    path.write_bytes(content[:kept] + (b"x" if how == "one more" else b""))


@pytest.mark.parametrize("ending", [".db", ".rules"])
@pytest.mark.parametrize(
    "how",
    [*(f"byte {percent}" for percent in (0, 1, 5, 50, 100)), "half", "digest only", "empty", "one short", "one more"],
)
def test_a_damaged_cache_is_not_used(folder, ending, how):
    """A flipped bit, a part, nothing: the rules come from their files, and the next thorough run mends it."""
    open_ruleset(thorough=True)
    (path,) = files(folder, ending)
    damage(path, how)
    assert works(open_ruleset())
    if ending == ".db":
        assert not cached(open_ruleset())
        assert works(open_ruleset(thorough=True))
        assert cached(open_ruleset())


@pytest.mark.parametrize("ending", [".db", ".rules"])
def test_half_a_cache_is_enough_or_not_used(folder, ending):
    """One of the two files is gone: nothing breaks."""
    open_ruleset(thorough=True)
    files(folder, ending)[0].unlink()
    assert works(open_ruleset())


def test_a_database_of_something_else_is_not_used(folder):
    """What has a fitting digest and is no database of this library is made anew."""
    open_ruleset(thorough=True)
    (path,) = files(folder, ".db")
    content = b"\0\0\0\1\0\0\0\x10" + b"no database at all" * 4
    path.write_bytes(cache.blake2b(content, digest_size=cache.DIGEST).digest() + content)
    assert not cached(open_ruleset())
    assert works(open_ruleset())


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o720, 0o702])
def test_a_folder_that_others_can_write_is_not_used(folder, mode):
    """Neither read, since somebody else may have put it there, nor written."""
    open_ruleset(thorough=True)
    (database,) = files(folder, ".db")
    folder.chmod(mode)
    assert not cached(open_ruleset())
    database.unlink()
    assert works(open_ruleset(thorough=True))
    assert files(folder, ".db") == []
    assert "others can write" in cache.describe()
    folder.chmod(0o700)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else_is_not_used(folder):
    """The same for a folder whose owner is another user."""
    open_ruleset(thorough=True)
    os.chown(folder, 12345, 12345)
    assert not cached(open_ruleset())
    os.chown(folder, os.geteuid(), os.getegid())
    assert cached(open_ruleset())


def test_a_home_that_is_no_folder(tmp_path, monkeypatch):
    """The cache cannot be made: secretscan does without."""
    (tmp_path / "file").write_text("")
    for name in ("SECRETSCAN_CACHE_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "file"))
    assert cache.trusted_folder() is None
    for thorough in (False, True):
        assert works(open_ruleset(thorough=thorough))
    assert (tmp_path / "file").read_text() == ""


def test_where_the_cache_lies(tmp_path, monkeypatch):
    """The variable of ours, then the standard's, then the home's usual place."""
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    for name, value in (("SECRETSCAN_CACHE_DIR", "own"), ("XDG_CACHE_HOME", "xdg"), ("HOME", "home")):
        monkeypatch.setenv(name, str(tmp_path / value))
    assert cache.folder_path() == str(tmp_path / "own")
    monkeypatch.delenv("SECRETSCAN_CACHE_DIR")
    assert cache.folder_path() == str(tmp_path / "xdg" / "secretscan")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache.folder_path() == str(tmp_path / "home" / ".cache" / "secretscan")


SCRIPT = """
import resource, sys
from secretscan.ruleset import paths
from secretscan.engine.scan import Engine
from secretscan.ruleset.cache import open_ruleset
paths.builtin = lambda: sys.argv[1]
if sys.argv[2:]:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
found = Engine(open_ruleset(thorough=True)).scan(b"id=1\\nkey = acme_qwertzui\\n")
sys.exit([c.rule.id for c in found] != ["acme-token"])
"""


def start(rules: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """Another process that compiles the rules and tries them; its exit code says whether it found what is there."""
    environment = {**os.environ, "PYTHONPATH": str(Path(package).parents[1])}
    return subprocess.Popen([sys.executable, "-P", "-c", SCRIPT, str(rules.parent), *arguments], env=environment)


@pytest.mark.skipif(sys.platform == "win32", reason="no such limits there")
@pytest.mark.parametrize("size", [0, 40, 1000])
def test_a_disk_that_is_full(folder, rules, size):
    """Nothing can be written, or only a part: the scan goes on, and no part is left lying there or used."""
    assert start(rules, str(size)).wait() == 0
    assert files(folder, ".db") == []
    assert [path.name for path in files(folder) if path.suffix != ".rules"] == []
    assert not cached(open_ruleset())


def test_processes_that_compile_at_once(folder, rules):
    """Each finds what is to be found, and one whole cache is left."""
    processes = [start(rules) for _ in range(4)]
    assert [process.wait() for process in processes] == [0, 0, 0, 0]
    assert [path.suffix for path in files(folder)] == [".db", ".rules"]
    assert cached(open_ruleset())
    assert works(open_ruleset())


def test_only_the_newest_are_kept(folder, rules):
    """A rule author's folder does not grow with every change."""
    for number in range(12):
        rules.write_text(RULES.replace("SIZE", str(8 + number)))
        open_ruleset(thorough=True)
        newest = max(files(folder, ".db"), key=lambda path: path.stat().st_mtime_ns)
        os.utime(newest, (number, number))
    assert len(files(folder, ".db")) == len(files(folder, ".rules")) == 8
    assert sorted(int(path.stat().st_mtime) for path in files(folder, ".db")) == [*range(4, 12)]
    assert cached(open_ruleset())


def test_no_secret_goes_into_the_cache(folder):
    """What was found is in no file, in clear or as Base64."""
    assert works(open_ruleset(thorough=True))
    assert works(open_ruleset())
    assert not any(b"qwertzui" in path.read_bytes() for path in files(folder))


def test_doctor_can_say_what_is_there(folder):
    """One line: how many files, where, and whether compiled."""
    assert cache.describe() == f"1 rule files, cache {folder}: not compiled yet (the next run does it)"
    open_ruleset(thorough=True)
    assert cache.describe() == f"1 rule files, cache {folder}: compiled"
