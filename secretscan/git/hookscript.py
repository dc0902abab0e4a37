r"""The text of hooks: small POSIX sh, also for the sh that comes with Git for Windows.

A script starts what is fastest first, replaces itself by secretscan (`exec`), and starts no other process of its own
unless an earlier hook must run first. It fails closed.
"""

import os
import shlex
import sys

import secretscan

VERBS = {"pre-commit": "staged", "commit-msg": "message", "pre-push": "push"}
"""The hooks that secretscan can be, and the command each one runs."""

NAMES = (
    *("applypatch-msg", "pre-applypatch", "post-applypatch", "pre-commit", "pre-merge-commit", "prepare-commit-msg"),
    *("commit-msg", "post-commit", "pre-rebase", "post-checkout", "post-merge", "pre-push", "pre-receive", "update"),
    *("proc-receive", "post-receive", "post-update", "reference-transaction", "push-to-checkout", "pre-auto-gc"),
    *("post-rewrite", "sendemail-validate", "fsmonitor-watchman", "p4-changelist", "p4-prepare-changelist"),
    *("p4-post-changelist", "p4-pre-submit", "post-index-change"),
)
"""Every hook that git knows."""

KEPT = ".before-secretscan"
"""What is added to the name of the hook that was there before."""

MARK = "# secretscan-hook:"
FRAMEWORK_LEGACY = "PRE_COMMIT_RUNNING_LEGACY"  # set by the pre-commit framework while it runs the hook it replaced
REHEARSAL = "SECRETSCAN_REHEARSAL"
"""Set by a rehearsal: an earlier hook may change files, so it is not run. Checking is never left out."""

WITH_INPUT = ("pre-push",)
SKIPPING = {
    "pre-commit": "git commit --no-verify",
    "commit-msg": "git commit --no-verify",
    "pre-push": "git push --no-verify",
}
STARTER = "import sys; sys.path.append({root!r}); from secretscan.cli import main; raise SystemExit(main())"

HEAD = f"""\
#!/bin/sh
{MARK} written by 'secretscan install', taken away by 'secretscan uninstall'.
"""

# -P keeps modules that lie in the repository from being imported. -c does without runpy (1 ms), and finds secretscan
# where it lies, also in a checkout that is not installed.
SCAN = """
scan() {{
    if [ -x {python} ] && [ -f {package} ]; then
        exec {python} -P -c {starter} {verb} "$@"
    fi
    if command -v secretscan >/dev/null 2>&1; then
        exec secretscan {verb} "$@"
    fi
    printf '%s\\n' {excuse} >&2
    exit 2
}}
"""

KEPT_BESIDE = '\nearlier="${{0%/*}}/{name}{kept}"\n'

OF_REPOSITORY = """
if [ -z "$GIT_DIR" ] && [ -d .git ]; then
    own=.git/hooks
else
    own=$(git rev-parse --git-common-dir 2>/dev/null)/hooks || own=.git/hooks
fi
earlier=$own/{name}
"""

OF_FOLDER = "\nearlier={folder}/{name}\n"

# The repository's own hook may be secretscan's too: once is enough.
UNLESS_OURS = f"""
if [ -x "$earlier" ]; then
    {{ read -r line; read -r line; }} <"$earlier"
    case $line in "{MARK}"*) exec "$earlier" "$@" ;; esac
fi
"""

# The framework put this script aside as its own legacy hook: running the framework from here again would never end.
UNLESS_LEGACY = f'[ -z "${FRAMEWORK_LEGACY}" ] || scan "$@"\n'

CHAIN = f"""\
[ -x "$earlier" ] && [ -z "${REHEARSAL}" ] || scan "$@"
"$earlier" "$@" || exit $?
scan "$@"
"""

# Both read the same lines; a command substitution takes the last line's end away.
CHAIN_WITH_INPUT = f"""\
[ -x "$earlier" ] && [ -z "${REHEARSAL}" ] || scan "$@"
input=$(cat)
input=${{input:+"$input
"}}
printf %s "$input" 2>/dev/null | "$earlier" "$@" || exit $?
printf %s "$input" 2>/dev/null | scan "$@"
"""

FORWARD = """\
if [ -x "$earlier" ]; then exec "$earlier" "$@"; fi
"""

# That there is this hook keeps git from updating the work tree itself.
UPDATE_WORK_TREE = """\
head=$(git rev-parse --verify --quiet HEAD) || head=$(git hash-object -t tree /dev/null)
git update-index -q --ignore-submodules --refresh &&
    git diff-files --quiet --ignore-submodules -- &&
    git diff-index --quiet --cached --ignore-submodules "$head" -- ||
    { echo "the work tree or the index has changes" >&2; exit 1; }
exec git read-tree -u -m "$1"
"""


def is_ours(content: bytes) -> bool:
    """Whether this hook was written by secretscan."""
    _, _, rest = content.partition(b"\n")
    return rest.startswith(MARK.encode())


def scans(content: bytes) -> bool:
    """Whether one of our hooks checks anything, rather than only passing on to the repository's own."""
    return is_ours(content) and b"\nscan() {" in content


def local(name: str, *, after_framework: bool = False) -> bytes:
    """The hook `name` that runs `<name>.before-secretscan` beside it first, where there is one.

    `after_framework`: that earlier hook is the pre-commit framework's.
    """
    before = KEPT_BESIDE.format(name=name, kept=KEPT) + (UNLESS_LEGACY if after_framework else "")
    return _text(HEAD, _scan(name), before, _chain(name))


def everywhere(name: str, *, scan: bool, folder: str | None = None) -> bytes:
    """The hook `name` for all repositories: the repository's own or the one in `folder`, then secretscan if `scan`.

    Git looks into one folder only, so a hook that is not passed on would stop working.
    """
    lookup = OF_FOLDER.format(folder=shlex.quote(folder), name=name) if folder else OF_REPOSITORY.format(name=name)
    if scan:
        return _text(HEAD, _scan(name), lookup, UNLESS_OURS, _chain(name))
    return _text(HEAD, lookup, FORWARD, UPDATE_WORK_TREE if name == "push-to-checkout" else "")


def _chain(name: str) -> str:
    return CHAIN_WITH_INPUT if name in WITH_INPUT else CHAIN


def _scan(name: str) -> str:
    """The function that becomes secretscan: the one that is running now, else the one on PATH, else an error."""
    python = _portable(sys.executable or "python3")
    skipping = f"; '{SKIPPING[name]}' skips this once" if name in SKIPPING else ""
    excuse = (
        f"secretscan: neither {python} nor PATH has secretscan, so nothing was checked: "
        f"install it and run 'secretscan install'{skipping}"
    )
    package = _portable(os.path.abspath(secretscan.__file__))
    root = os.path.dirname(os.path.dirname(package))
    return SCAN.format(
        python=shlex.quote(python),
        package=shlex.quote(package),
        starter=shlex.quote(STARTER.format(root=root)),
        verb=VERBS[name],
        excuse=shlex.quote(excuse),
    )


def _portable(path: str) -> str:
    return path.replace(os.sep, "/")


def _text(*parts: str) -> bytes:
    return os.fsencode("".join(parts))
