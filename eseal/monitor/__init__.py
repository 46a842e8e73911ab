"""The monitor: anybody's program that holds a log against itself and against the ledger.

It needs no account and no database: a log's URL, a ledger reader, a directory for its state.

=============  =====================================================================
client         reading a log over HTTP (C2SP tlog-tiles), bounded and patient
state          what is remembered between rounds, and the evidence kept for ever
alarms         what can be wrong, and what a round found
monitor        one round: every check, in order
replay         rebuilding a head from its leaves; a fork, or a log that lags
time_budget    sharing out the time of a round
tags           every tag of the log: a ticket torn twice
disowned       whether leaves under disowned heads are still served
anchors        what the ledger says about the log's heads
registry       whose log it is, and what administrators changed
metrics        the same for Prometheus
sharing        the time of a round, shared out
=============  =====================================================================

Imports ledger and log, and what is below; the watch takes ``client`` and most checks from here.
"""
