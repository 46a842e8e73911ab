"""Use cases: the only place that ties keys, documents, log, ledger and database together.

``service`` opens an instance and composes its use cases; ``record_access`` is the door through
which companies' records are shown. Upper rooms may import lower ones:

=========  ==========================================================================
audit      log × database × ledger, whole
sealing    from an order to a delivered document
setup      instances made, joined, continued, given new keys
oversight  what stands on record, for owner, regulator and everybody
seals      companies and their seals: made, changed, stopped
archive    documents kept beyond delivery
record     one commit, one checkpoint, anchored on the ledger
people     who may do what
instance   one opened instance and what it knows
=========  ==========================================================================
"""
