"""What an authority says of a company: its pseudonym, its name, its word for the ledger.

Whoever checks an authority's word takes it from here: ``vrf``, ``attestation``, ``registration``;
``messages`` is the form it travels in, ``keys`` what says it. Imports model, suites and keys.
"""
