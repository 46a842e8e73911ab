"""The public log, read for leaves that are ours, and what was found remembered between rounds.

``reading`` is the door of a round; ``leaves``, ``tickets`` and ``state`` serve the history, too.
Imports the monitor's reading of logs, ledger and log; of the watch the alarms only.
"""
