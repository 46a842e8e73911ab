"""Certificates: profiles, the built-in CA, revocation lists, requests, chains.

Verification takes ``chain``, ``names`` and ``revocation_checks``, the service these and the rest;
``tsp`` has time-stamps. Imports keys, suites, model and the bounded HTTP client; no document and no
log.
"""
