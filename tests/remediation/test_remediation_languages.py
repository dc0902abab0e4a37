"""Languages by file name."""

import pytest

from secretscan.errors import UsageError
from secretscan.remediation.languages import NAMES, language_of, named

FILES = {
    "deploy/ci.py": "python",
    "C:\\work\\ci.PY": "python",
    "web/app.jsx": "javascript",
    "src/index.mts": "typescript",
    "cmd/main.go": "go",
    "src/main/java/App.java": "java",
    "App.cs": "csharp",
    "Gemfile": "ruby",
    "lib/x.rake": "ruby",
    "index.php": "php",
    "bin/run.sh": "bash",
    ".envrc": "bash",
    ".env": "dotenv",
    "config/.env.production": "dotenv",
    "prod.env": "dotenv",
    "docker-compose.override.yml": "docker-compose",
    "compose.yaml": "docker-compose",
    "composer.yaml": "yaml",
    "k8s/app.yaml": "kubernetes",
    "charts/deployment.yaml": "kubernetes",
    "infra/main.tf": "terraform",
    "infra/prod.tfvars": "",
    ".github/workflows/ci.yml": "github-actions",
    "docs/workflows/ci.yml": "yaml",
    ".gitlab-ci.yml": "gitlab-ci",
    ".gitlab/ci/build.yml": "gitlab-ci",
    "settings.json": "json",
    "notebook.ipynb": "json",
    "pyproject.toml": "toml",
    "application.properties": "properties",
    ".npmrc": "properties",
    "pom.xml": "xml",
    "README.md": "markdown",
    "Dockerfile": "dockerfile",
    "Dockerfile.prod": "dockerfile",
    "LICENSE": "",
    "": "",
    "python": "",
    "a.b/c": "",
}


@pytest.mark.parametrize("path", FILES)
def test_the_name_of_a_file_tells_its_language(path):
    """Each kind of file is known by its name; a name that says nothing gives an empty string."""
    assert language_of(path) == FILES[path]
    assert FILES[path] in {"", *NAMES}


def test_people_may_use_the_usual_short_names():
    """What people call a language is understood in any case."""
    assert [named(name) for name in ("JS", "C#", "k8s", "Python", "golang")] == [
        "javascript",
        "csharp",
        "kubernetes",
        "python",
        "go",
    ]


def test_an_unknown_language_is_refused_with_the_nearest():
    """A typing error is answered with what was probably meant."""
    with pytest.raises(UsageError, match="'pyhton', did you mean python"):
        named("pyhton")
