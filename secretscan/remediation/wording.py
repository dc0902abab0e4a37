"""The names a secret goes by in code and stores, and text made fit for one line of a screen."""

from secretscan.ruleset.provider import Secret


def variable_of(secret: Secret) -> str:
    """The environment variable that should hold the secret: the rule's `env_var`, else one made from its id.

    Always a name that every shell and language takes: it stands in code that people copy.
    """
    name = secret.env_var or secret.rule.id.upper()
    name = "".join(c if c.isascii() and c.isalnum() else "_" for c in name)
    return f"SECRET_{name}" if name[:1].isdigit() else name


def names_of(variable: str) -> dict[str, str]:
    """What `{{…}}` in a snippet stands for, given the environment variable (`CIRCLE_TOKEN`)."""
    words = [word for word in variable.lower().split("_") if word]
    pascal = "".join(word.capitalize() for word in words)
    return {
        "variable": variable,
        "name": "_".join(words),
        "slug": "-".join(words),
        "camel": pascal[:1].lower() + pascal[1:],
        "pascal": pascal,
        "path": "app/" + "-".join(words),
        # GitHub takes no secret whose name begins with GITHUB_
        "actions": f"GH_{variable[7:]}" if variable.upper().startswith("GITHUB_") else variable,
    }


def fill(text: str, values: dict[str, str]) -> str:
    """`text` with each `{{key}}` replaced by its value; other braces stay as they are."""
    for key, value in values.items():
        text = text.replace("{{" + key + "}}", value)
    return text


def plain(text: str) -> str:
    """`text` on one line, without control characters: a rule file may come from anywhere, a terminal obeys."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def shorten(text: str, width: int) -> str:
    """`text` cut at a word to at most `width` characters, with an ellipsis where something is missing."""
    if len(text) <= width:
        return text
    kept = text[:width].rpartition(" ")[0] or text[: width - 1]
    return kept.rstrip(" ,;:.(") + "…"
