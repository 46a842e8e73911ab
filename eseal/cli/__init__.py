"""The command line. Heavy parts are imported by the command that needs them."""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """Run the command line and exit with its code."""
    from eseal.cli.app import app

    app()
