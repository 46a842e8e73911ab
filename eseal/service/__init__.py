"""Use cases: the only place that ties keys, documents, log, ledger and database together."""
