"""A verifier by somebody who read docs/protocol.md and nothing else; it shares no code with us."""
