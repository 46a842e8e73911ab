"""Colour spaces, functions, shadings and graphics states that all readers show alike.

The drawing of contents and images use it. Imports the desk and the language of contents; no other
resource.
"""
