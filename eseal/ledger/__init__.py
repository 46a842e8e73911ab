"""The ledger: contract bindings, nodes, transactions."""
