"""What a person must act on: one line each, with the exit code of the command."""


class SecretscanError(Exception):
    """Something the user can mend. The message says what is wrong, where, and what to do."""

    exit_code = 2


class UsageError(SecretscanError):
    """The command line or the configuration is wrong."""


class RuleError(SecretscanError):
    """A rule file is wrong. The message names file, table and key."""


class GitError(SecretscanError):
    """Git could not do what was asked, so the scan is not complete."""

    exit_code = 3
