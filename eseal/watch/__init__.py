"""The owner's watch: a company finds every use of its seals without asking the operator.

It needs the company's watch file, a trust file of the user's own, a node of the ledger, and the
public log or a mirror of it. A history, where one is given, has to open what was found.

=============  =====================================================================
file           the watch file: ids, proofs, seals and their book keys
envelope       the same, encrypted to a passphrase or to a key
period         tickets of a period: what a regulator gets instead of a key
completeness   whether the list of uses handed over beside them leaves one out
alarms         what can be wrong, and what a round found
tickets        tickets of books, looked for among leaves by the thousand
leaves         reading a log up to a head on the ledger
state          what is remembered between rounds
ledger_side    what the ledger says about the company, its seals and its issuers
openings       what a history shows of a leaf, and whether it is that
watch          one round: every check, in order
telling        who is told: command, webhook, metrics
=============  =====================================================================
"""
