"""The routes, one module per resource: from a request to a use case and back.

Each takes ``Parts``, ``UseCases`` and ``Caller`` from the frame and its forms from ``schemas``.
Only the application imports them; ``web`` asks that of verifications.
"""
