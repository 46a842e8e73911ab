"""Private keys: encrypted at rest, and used without leaving their store."""
