"""The shapes of seals: what they show and how it is set.

``compose`` draws, ``spec`` and ``choice`` say what may be chosen. Imports the drawing.
"""
