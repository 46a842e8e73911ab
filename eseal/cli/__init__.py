"""The command line. Heavy parts are imported by the command that needs them."""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """Run the command line and exit with its code."""
    import sys
    from io import TextIOWrapper

    from eseal.cli.app import app

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # names are in every script, terminals are not
            stream.reconfigure(errors="replace")
    app()
