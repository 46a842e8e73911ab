"""Software and hardware stores for private keys."""
