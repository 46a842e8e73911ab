"""Where a seal shows in a PDF: what may be asked for, and how it is found and drawn.

From here everybody may take the options; what draws works on a :class:`~.canvas.Canvas` in the
confined process. Imports the file room, impressions' artwork and the viewer, nothing above.
"""
