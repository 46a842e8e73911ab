"""The authority: gives each company its one pseudonym on the ledger, and vouches for its name."""
