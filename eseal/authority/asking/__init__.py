"""Asking an authority, wherever it runs: here, by HTTP or by files; none is believed unchecked.

``protocol`` is what the service asks for, ``builtin``, ``http`` and ``exchange`` are the ways.
Imports the word.
"""
