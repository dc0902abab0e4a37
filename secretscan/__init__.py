"""secretscan: finds leaked secrets in git, and says what that provider's customer must do now."""

__version__ = "0.1.0"
