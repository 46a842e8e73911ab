"""Certificates: profiles, the built-in CA, revocation lists, requests, chains."""
