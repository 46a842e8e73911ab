"""The ledger: contract bindings, nodes, transactions.

Everybody takes the values (``facts``, ``events``, ``changes``) and the protocols (``protocol``);
``reading`` and ``sending`` carry them out over ``wire``; ``node`` is the embedded chain, ``setup``
what is done once or rarely.
"""
