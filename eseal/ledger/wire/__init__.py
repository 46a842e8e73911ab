"""One question to one node or to several: bounded in time, strict about what comes back.

``connection`` is what reading and sending stand on. Imports the contracts' interface.
"""
