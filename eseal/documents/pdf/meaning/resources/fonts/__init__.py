"""Fonts in which every reader finds the same glyph for a code.

``fonts`` is the door. Imports the desk and the language of contents; no other resource.
"""
