"""Driving the public page in Chromium."""

from __future__ import annotations

import shutil

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WAIT_MS = 60_000
REMEMBER_SENT = """
window.sentForms = [];
const send = XMLHttpRequest.prototype.send;
XMLHttpRequest.prototype.send = function (body) {
  const plain = (value) => (value instanceof File ? value.name : value);
  const parts = [...body].map(([name, value]) => [name, plain(value)]);
  window.sentForms.push(Object.fromEntries(parts));
  send.call(this, body);
};
"""
"""Chromium does not tell those who drive it what is in a form with files."""


def is_complaint(line) -> bool:
    """Whether a line on the console is one: that an answer is 4xx is for the page to tell."""
    return line.type == "error" and "status of 422" not in line.text


def payload(*files: tuple[str, bytes]):
    return [
        {"name": name, "mimeType": "application/octet-stream", "buffer": data}
        for name, data in files
    ]


def choose(page, *files: tuple[str, bytes]) -> str:
    """Choose files by name and content; the verdict's headline."""
    page.set_input_files("#files", payload(*files))
    page.wait_for_selector("#result:not([hidden]):not([aria-busy]) .verdict", timeout=WAIT_MS)
    return page.inner_text("#result .verdict >> nth=0 >> h2")


def sent(page) -> dict[str, str]:
    """The form the page sent last: its fields, and the names of its files."""
    return page.evaluate("sentForms.at(-1)")
