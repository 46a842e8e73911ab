"""The owner's watch: a company finds every use of its seals without asking the operator.

It needs the company's watch file, a trust file of the user's own, a node of the ledger, and the
public log or a mirror of it. A history, where one is given, has to open what was found.

=============  =====================================================================
file           the watch file: ids, proofs, seals and their book keys
envelope       the same, encrypted to a passphrase or to a key
alarms         what can be wrong, and what a round found
log            a room: the public log, read for leaves that are ours
history        a room: what others tell of uses, held against leaves
rounds         a room: every check in order, and who is told
=============  =====================================================================

Imports verification, the monitor, the ledger and all below; neither service nor database.
"""
