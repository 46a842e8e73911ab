"""What stands on the contracts: through one node, or several of which some may lie.

``from_urls`` makes a ``LedgerReader`` from addresses. Imports the wire, writes nothing.
"""
