"""Snippets are code: they parse, they read the secret, and nothing puts the value on a command line."""

import ast
import os
import re
import shutil
import subprocess
import sys
import threading
from base64 import b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from secretscan.remediation import snippets
from secretscan.remediation.expressions import EXPRESSIONS
from secretscan.remediation.languages import NAMES
from secretscan.remediation.snippets import STORES, put, replacement, snippet
from secretscan.remediation.wording import names_of

CODE = ("python", "javascript", "typescript", "go", "java", "csharp", "ruby", "php", "bash")
YAML = ("docker-compose", "kubernetes", "github-actions", "gitlab-ci")
VARIABLES = ("CIRCLE_TOKEN", "AWS_SECRET_ACCESS_KEY", "VAULT_TOKEN", "CONJUR_AUTHN_API_KEY", "AUTH0_X", "_K")
VALUE = "value 'of' the $secret"
PAIRS = [(store, language) for store in STORES for language in NAMES if snippet("A", language, store)]


def run(*command, stdin="", **env):
    """What `command` printed; the test fails with its complaint if it did not succeed."""
    done = subprocess.run(command, input=stdin, env={**os.environ, **env}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def tool(name):
    """The path of a program; the test is skipped where it is not installed."""
    return shutil.which(name) or pytest.skip(f"{name} is not installed")


def check_java(codes, tmp_path):
    """Lets the compiler parse them, and no more: the libraries they import are not here."""
    files = [tmp_path / str(number) / "Secrets.java" for number in range(len(codes))]
    for file, code in zip(files, codes, strict=True):
        file.parent.mkdir()
        file.write_text(code)
    stop = ("-XDshould-stop.ifError=PARSE", "-XDshould-stop.ifNoError=PARSE")
    run(tool("javac"), *stop, "-proc:none", "-d", str(tmp_path), *map(str, files))


def check_javascript(codes, tmp_path):
    """Lets Node.js check their syntax, names declared twice included."""
    file = tmp_path / "snippet.mjs"
    for code in codes:
        file.write_text(code)
        run(tool("node"), "--check", str(file))


def check_grammar(codes, package, function):
    """Parses them with a tree-sitter grammar."""
    tree_sitter = pytest.importorskip("tree_sitter")
    language = getattr(pytest.importorskip(package), function)()
    parser = tree_sitter.Parser(tree_sitter.Language(language))
    assert not [code for code in codes if parser.parse(code.encode()).root_node.has_error]


def check_yaml(codes, _):
    """Reads their documents, each of which is a mapping."""
    yaml = pytest.importorskip("yaml")
    assert all(isinstance(document, dict) for code in codes for document in yaml.safe_load_all(code))


def check_dotenv(codes, _):
    """Their lines are comments or names without a value."""
    assert all(re.fullmatch(r"#.*|\w+=", line) for code in codes for line in code.splitlines())


PARSERS = {
    "python": lambda codes, _: [ast.parse(code) for code in codes],
    "javascript": check_javascript,
    "typescript": lambda codes, _: check_grammar(codes, "tree_sitter_typescript", "language_typescript"),
    "go": lambda codes, _: check_grammar(codes, "tree_sitter_go", "language"),
    "java": check_java,
    "csharp": lambda codes, _: check_grammar(codes, "tree_sitter_c_sharp", "language"),
    "ruby": lambda codes, _: check_grammar(codes, "tree_sitter_ruby", "language"),
    "php": lambda codes, _: check_grammar(codes, "tree_sitter_php", "language_php"),
    "bash": lambda codes, _: [run(tool("bash"), "-n", stdin=code) for code in codes],
    "terraform": lambda codes, _: [run(tool("terraform"), "fmt", "-check", "-", stdin=code + "\n") for code in codes],
    "dotenv": check_dotenv,
    **dict.fromkeys(YAML, check_yaml),
}


@pytest.mark.parametrize(("store", "language"), PAIRS)
def test_every_snippet_parses_in_its_language(store, language, tmp_path):
    """A snippet is whole, valid code, whatever the variable is called."""
    PARSERS[language]([snippet(variable, language, store) for variable in VARIABLES], tmp_path)


@pytest.mark.parametrize("store", STORES)
def test_the_commands_that_store_a_value_parse(store):
    """They are valid for the shell they are written for."""
    PARSERS["bash"]([put(variable, store) for variable in VARIABLES], None)


@pytest.mark.parametrize(("store", "language"), PAIRS)
def test_snippets_name_this_secret_and_leave_no_placeholder(store, language):
    """The variable or its place in the store is named, and no `{{…}}` of ours is left."""
    code = snippet("CIRCLE_TOKEN", language, store)
    assert "circle_token" in code.lower() or "app/circle-token" in code
    assert not re.search(r"{{\w", code)


def test_the_nine_languages_have_a_snippet_for_each_store():
    """No store leaves one of the programming languages out."""
    assert {(store, language) for store in STORES for language in CODE} <= set(PAIRS)


def test_every_template_belongs_to_a_language():
    """A misspelt file name would never be read."""
    folder = Path(snippets.__file__).parent / "templates" / "snippets"
    assert {file.stem for file in folder.glob("*/*.txt")} <= {"put", *NAMES}
    assert {file.parent.name for file in folder.glob("*/put.txt")} == set(STORES)


class Store(BaseHTTPRequestHandler):
    """Vault and Conjur, as far as the snippets speak to them."""

    def do_GET(self):
        """Gives the value to whoever shows the right token."""
        answers = {
            (
                "/v1/secret/data/app/circle-token",
                self.headers["X-Vault-Token"],
            ): '{"data": {"data": {"value": "found"}}}',
            ("/secrets/myorg/variable/app%2Fcircle-token", self.headers["Authorization"]): "found",
        }
        keys = ("vault-token", f'Token token="{b64encode(b"session").decode()}"')
        self.answer(next((text for (path, key), text in answers.items() if path == self.path and key in keys), None))

    def do_POST(self):
        """Signs the host in."""
        key = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer("session" if (self.path, key) == ("/authn/myorg/host%2Fapp/authenticate", b"api-key") else None)

    def answer(self, text):
        """Sends `text`, or a refusal."""
        self.send_response(403 if text is None else 200)
        self.end_headers()
        self.wfile.write((text or "").encode())

    def log_message(self, *_):
        """Says nothing."""


@pytest.fixture
def stores():
    """The environment of a program that uses the stores on this machine's loopback address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Store)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    conjur = {"CONJUR_APPLIANCE_URL": url, "CONJUR_ACCOUNT": "myorg", "CONJUR_AUTHN_LOGIN": "host/app"}
    yield {"VAULT_ADDR": url, "VAULT_TOKEN": "vault-token", "CONJUR_AUTHN_API_KEY": "api-key", **conjur}
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("store", ["vault", "conjur"])
def test_snippets_that_speak_http_fetch_the_secret(store, stores, tmp_path):
    """Where there is no client library, the documented HTTP calls bring the value."""
    file = tmp_path / "snippet.mjs"
    file.write_text(snippet("CIRCLE_TOKEN", "javascript", store) + "\nconsole.log(circleToken);\n")
    assert run(tool("node"), str(file), **stores) == "found\n"


@pytest.mark.parametrize("store", ["vault", "conjur"])
def test_snippets_that_speak_http_fail_loudly(store, stores, tmp_path):
    """A refusal by the store ends the program instead of giving it an empty secret."""
    file = tmp_path / "snippet.mjs"
    file.write_text(snippet("CIRCLE_TOKEN", "javascript", store))
    wrong = {**stores, "VAULT_TOKEN": "wrong", "CONJUR_AUTHN_API_KEY": "wrong"}
    done = subprocess.run([tool("node"), str(file)], env={**os.environ, **wrong}, capture_output=True, check=False)
    assert done.returncode != 0
    assert b"answered 403" in done.stderr


@pytest.mark.parametrize(
    ("language", "program", "show"),
    [
        ("python", (sys.executable, "-c"), "\nprint(circle_token)"),
        ("javascript", ("node", "-e"), "\nconsole.log(circleToken)"),
        ("bash", ("bash", "-c"), '\nprintf "%s\\n" "$CIRCLE_TOKEN"'),
    ],
)
def test_environment_snippets_read_the_variable_and_refuse_to_run_without(language, program, show):
    """With the variable set the program has the value; without it the program ends and names the variable."""
    command = [tool(program[0]), program[1], snippet("CIRCLE_TOKEN", language, "env") + show]
    assert run(*command, CIRCLE_TOKEN=VALUE) == VALUE + "\n"
    without = {key: value for key, value in os.environ.items() if key != "CIRCLE_TOKEN"}
    done = subprocess.run(command, env=without, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "CIRCLE_TOKEN" in done.stderr


STUB = """#!/bin/bash
printf '%s\\n' "$0 $*" >> "$RECORD/arguments"
case "$*" in *stdin*|*=-*|'secret set'*) cat >> "$RECORD/input" ;; esac
"""


@pytest.mark.parametrize("store", STORES)
def test_the_value_reaches_the_store_on_standard_input_only(store, tmp_path):
    """The commands that store a value read it from a prompt and pass it to no program as an argument."""
    for name in ("aws", "vault", "conjur", "gh", "kubectl"):
        stub = tmp_path / name
        stub.write_text(STUB)
        stub.chmod(0o755)
    script = f"cd {tmp_path}\n{put('CIRCLE_TOKEN', store)}"
    path = f"{tmp_path}:{os.environ['PATH']}"
    run(tool("bash"), "-ec", script, stdin=VALUE + "\n", PATH=path, RECORD=str(tmp_path))
    assert (tmp_path / "input").read_text().removeprefix(VALUE).removeprefix(VALUE) == ""
    assert VALUE not in (tmp_path / "arguments").read_text()
    assert "CIRCLE_TOKEN" in put("CIRCLE_TOKEN", store) or "app/circle-token" in put("CIRCLE_TOKEN", store)


REPLACEMENTS = {
    "ci.py": 'os.environ["CIRCLE_TOKEN"]',
    "ci.js": "process.env.CIRCLE_TOKEN",
    "ci.ts": "process.env.CIRCLE_TOKEN",
    "ci.go": 'os.Getenv("CIRCLE_TOKEN")',
    "Ci.java": 'System.getenv("CIRCLE_TOKEN")',
    "Ci.cs": 'Environment.GetEnvironmentVariable("CIRCLE_TOKEN")',
    "ci.rb": 'ENV.fetch("CIRCLE_TOKEN")',
    "ci.php": "getenv('CIRCLE_TOKEN')",
    "ci.sh": '"${CIRCLE_TOKEN:?}"',
    "docker-compose.yml": "${CIRCLE_TOKEN}",
    "config.yaml": "${CIRCLE_TOKEN}",
    ".github/workflows/ci.yml": "${{ secrets.CIRCLE_TOKEN }}",
    ".gitlab-ci.yml": "$CIRCLE_TOKEN",
    "k8s/app.yaml": "valueFrom: {secretKeyRef: {name: circle-token, key: CIRCLE_TOKEN}}",
    "main.tf": "var.circle_token",
    ".env": "CIRCLE_TOKEN=",
    "app.properties": "${CIRCLE_TOKEN}",
    "gradle.properties": "",
    "pom.xml": "${env.CIRCLE_TOKEN}",
    "other.xml": "",
    "package.json": "",
    "unknown": "",
}


@pytest.mark.parametrize("path", REPLACEMENTS)
def test_the_replacement_fits_the_file(path):
    """Each kind of file gets the look-up that works in it, or none."""
    assert replacement("CIRCLE_TOKEN", path) == REPLACEMENTS[path]


def test_replacements_from_the_environment_give_the_value():
    """The expression, put where the literal stood, has the secret's value."""
    name = "CIRCLE_TOKEN"
    python = f"import os; print({replacement(name, 'a.py')})"
    assert run(sys.executable, "-c", python, CIRCLE_TOKEN=VALUE) == VALUE + "\n"
    bash = f"printf '%s\\n' {replacement(name, 'a.sh')}"
    assert run(tool("bash"), "-c", bash, CIRCLE_TOKEN=VALUE) == VALUE + "\n"


@pytest.mark.parametrize("store", STORES)
def test_replacements_are_one_line_without_placeholders(store):
    """Every entry of the table is filled whole; Python's is an expression."""
    for language, expression in EXPRESSIONS[store].items():
        assert language in NAMES
        assert "\n" not in expression
    assert replacement("CIRCLE_TOKEN", "a.sh", store).startswith('"$')
    if python := replacement("CIRCLE_TOKEN", "a.py", store):
        ast.parse(python, mode="eval")
        assert "circle-token" in python or store == "env"


def test_names_follow_the_variable():
    """Names in code and stores are made from the variable, each in the form its place asks for."""
    assert names_of("AUTH0_API__KEY") == {
        "variable": "AUTH0_API__KEY",
        "name": "auth0_api_key",
        "slug": "auth0-api-key",
        "camel": "auth0ApiKey",
        "pascal": "Auth0ApiKey",
        "path": "app/auth0-api-key",
        "actions": "AUTH0_API__KEY",
    }


def test_github_gets_no_name_that_it_refuses():
    """GitHub reserves names that begin with GITHUB_ for itself."""
    assert replacement("GITHUB_APP_KEY", ".github/workflows/a.yml") == "${{ secrets.GH_APP_KEY }}"
    assert "GITHUB_APP_KEY: ${{ secrets.GH_APP_KEY }}" in snippet("GITHUB_APP_KEY", "github-actions", "env")
    assert "gh secret set GH_APP_KEY " in put("GITHUB_APP_KEY", "env")
