"""Companies and their seals: made, changed, stopped, brought to the ledger and back.

The service and set-up use it. Imports the instance, people and the record.
"""
