"""The ledger: contract bindings, nodes, anchoring."""
