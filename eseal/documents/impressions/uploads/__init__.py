"""Impressions that a company uploads, SVG or PNG: read in a process of their own, checked here.

``upload_svg`` and ``upload_png`` are the doors. Imports the drawing.
"""
