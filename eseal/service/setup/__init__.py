"""Instances made, joined to others, continued, given new keys: what is done once or rarely.

The service opens through ``bootstrap``. Imports the instance, the record and seals.
"""
