"""RFC 3161 time-stamps: asking for them, giving them, checking them."""
