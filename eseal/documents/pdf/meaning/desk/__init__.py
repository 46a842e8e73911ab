"""Where one document lies while it is put in order: its values, its streams, what was found.

All of the meaning works on a ``Desk``. Imports the opening and the words of hazards.
"""
