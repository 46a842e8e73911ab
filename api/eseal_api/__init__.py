"""The HTTP interface: JSON under ``/v1``, the public log, the public page.

``app`` puts ``routes`` and ``web`` (the public pages) into the ``frame`` that stands around every
request; ``asking`` tells who asks, ``schemas`` what; ``servers`` listen. Asks the service only.
"""
