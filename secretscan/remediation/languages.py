"""Which language a file is written in, by its name alone. Opens nothing."""

from secretscan.errors import UsageError

NAMES = {
    "python": "Python",
    "javascript": "JavaScript",
    "typescript": "TypeScript",
    "go": "Go",
    "java": "Java",
    "csharp": "C#",
    "ruby": "Ruby",
    "php": "PHP",
    "bash": "Bash",
    "kotlin": "Kotlin",
    "rust": "Rust",
    "powershell": "PowerShell",
    "dotenv": ".env",
    "dockerfile": "Dockerfile",
    "docker-compose": "Docker Compose",
    "kubernetes": "Kubernetes",
    "terraform": "Terraform",
    "github-actions": "GitHub Actions",
    "gitlab-ci": "GitLab CI",
    "yaml": "YAML",
    "json": "JSON",
    "toml": "TOML",
    "properties": "properties",
    "xml": "XML",
    "markdown": "Markdown",
}
"""Every language known here, with the name people read."""

ALIASES = {"py": "python", "js": "javascript", "ts": "typescript", "golang": "go", "c#": "csharp", "cs": "csharp"}
ALIASES |= {"rb": "ruby", "sh": "bash", "shell": "bash", "compose": "docker-compose", "k8s": "kubernetes"}
ALIASES |= {"tf": "terraform", "github": "github-actions", "gitlab": "gitlab-ci", "env": "dotenv", ".env": "dotenv"}

_ENDINGS = {
    "python": "py pyi pyw pyx",
    "javascript": "js mjs cjs jsx vue svelte",
    "typescript": "ts mts cts tsx",
    "go": "go",
    "java": "java",
    "csharp": "cs csx",
    "ruby": "rb rake gemspec ru",
    "php": "php phtml php5 php7",
    "bash": "sh bash zsh ksh",
    "kotlin": "kt kts",
    "rust": "rs",
    "powershell": "ps1 psm1 psd1",
    "dotenv": "env",
    "dockerfile": "dockerfile",
    "terraform": "tf",
    "yaml": "yml yaml",
    "json": "json jsonc json5 ipynb",
    "toml": "toml",
    "properties": "properties npmrc",
    "xml": "xml config csproj props targets plist",
    "markdown": "md mdx markdown",
}
_BY_ENDING = {ending: language for language, endings in _ENDINGS.items() for ending in endings.split()}

_BY_NAME = {
    "dockerfile": "dockerfile",
    "containerfile": "dockerfile",
    "gemfile": "ruby",
    "rakefile": "ruby",
    "vagrantfile": "ruby",
    "podfile": "ruby",
    ".envrc": "bash",
    ".bashrc": "bash",
    ".bash_profile": "bash",
    ".profile": "bash",
    ".zshrc": "bash",
    ".zshenv": "bash",
    "readme": "markdown",
    "kustomization.yaml": "kubernetes",
    "kustomization.yml": "kubernetes",
    "action.yml": "github-actions",
    "action.yaml": "github-actions",
}

_KUBERNETES_FOLDERS = {"k8s", "kubernetes", "kube", "manifests", "kustomize"}
_WORKLOADS = ("deployment.", "statefulset.", "daemonset.", "cronjob.", "pod.")


def language_of(path: str) -> str:
    """The language of the file `path` (either slash), one of the keys of `NAMES`; "" where the name does not tell."""
    folders, _, name = path.replace("\\", "/").lower().rpartition("/")
    if name in _BY_NAME:
        return _BY_NAME[name]
    if name.startswith((".env.", "dockerfile.")):
        return "dotenv" if name[0] == "." else "dockerfile"
    language = _BY_ENDING.get(name.rpartition(".")[2], "") if "." in name else ""
    return _kind_of_yaml(folders.split("/"), name) if language == "yaml" else language


def _kind_of_yaml(folders: list[str], name: str) -> str:
    """What reads this YAML file."""
    if folders[-2:] == [".github", "workflows"]:
        return "github-actions"
    if ".gitlab-ci" in name or ".gitlab" in folders:
        return "gitlab-ci"
    if name.startswith(("docker-compose", "compose.", "compose-")):
        return "docker-compose"
    return "kubernetes" if name.startswith(_WORKLOADS) or _KUBERNETES_FOLDERS.intersection(folders) else "yaml"


def named(name: str) -> str:
    """The language that a person calls `name` (`js`, `C#`, `k8s`). Raises UsageError for one that is not known."""
    lower = name.lower()
    language = ALIASES.get(lower, lower)
    if language not in NAMES:
        raise UsageError(f"no language is called '{name}'{_similar(lower)}; languages: {', '.join(NAMES)}")
    return language


def _similar(name: str) -> str:
    import difflib  # noqa: PLC0415 (only for an error)

    close = difflib.get_close_matches(name, [*NAMES, *ALIASES], n=1)
    return f", did you mean {close[0]}?" if close else ""
