"""Code that looks a secret up instead of holding it, for each store and language."""

import os

from secretscan.remediation import expressions
from secretscan.remediation.languages import language_of
from secretscan.remediation.wording import fill, names_of

STORES = ("env", "aws", "vault", "conjur")

_FOLDER = os.path.join(os.path.dirname(__file__), "templates", "snippets")


def snippet(variable: str, language: str, store: str) -> str:
    """Code in `language` that reads the secret from `store`; "" where that makes no sense.

    `variable` is the environment variable's name; the names in code and the path in the store are made from it.
    """
    return fill(_read(store, language), names_of(variable))


def put(variable: str, store: str) -> str:
    """Shell commands that bring the value into `store` and leave it in no history."""
    return fill(_read(store, "put"), names_of(variable))


def replacement(secret_env_var: str, path: str, store: str = "env") -> str:
    """The expression or line that should stand in the file `path` instead of the literal.

    A quoted literal is replaced with its quotes. "" where the file's language is unknown or has no such expression.
    """
    name = path.replace("\\", "/").rpartition("/")[2].lower()
    expression = expressions.BY_FILE.get(name)
    if expression is None:
        expression = expressions.EXPRESSIONS[store].get(language_of(path), "")
    return fill(expression, names_of(secret_env_var))


def _read(store: str, name: str) -> str:
    try:
        with open(os.path.join(_FOLDER, store, f"{name}.txt"), encoding="utf-8") as file:
            return file.read().rstrip("\n")
    except FileNotFoundError:
        return ""
