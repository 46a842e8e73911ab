"""The record: many uses in one commit, one checkpoint, anchored on the ledger.

Sealing and oversight append through ``sequencer``. Imports the instance.
"""
