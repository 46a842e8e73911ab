"""What stands around every request: the host's parts, errors as problem documents, limits, metrics.

Everything above takes ``Parts``, ``UseCases`` and ``Caller`` from ``host``. Imports ``asking`` and
``schemas``, no route.
"""
