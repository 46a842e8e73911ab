"""Outlines and letters in true millimetres, and how they are written as PDF, SVG and PNG.

Templates, uploads and placing use it. Imports nothing else of impressions.
"""
