"""Witnesses: other parties who cosign the log's checkpoints (C2SP tlog-witness).

A witness needs neither database nor node. It keeps one checkpoint per log and cosigns only what
extends it; so two witnesses who share no operator cannot be shown two different logs for long.

=============  =====================================================================
key            the witness's Ed25519 key in its file
request        the body of ``add-checkpoint``
witness        what a witness answers, and what it remembers
client         the log's side: asking witnesses for their cosignatures
=============  =====================================================================
"""
