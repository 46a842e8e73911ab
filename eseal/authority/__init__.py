"""The authority: gives each company its one pseudonym on the ledger, and vouches for its name.

Rooms: ``word`` is what it says and how that is checked, ``asking`` how one gets it, ``office`` an
authority that is run. Imports keys, suites, model and what is below;
neither ledger nor log.
"""
