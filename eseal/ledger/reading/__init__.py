"""What stands on the contracts: through one node, or several of which some may lie.

``readers`` makes a ``LedgerReader`` from addresses. Imports the wire, writes nothing.
"""
