"""RFC 3161 time-stamps: asking for them, giving them, checking them.

``client`` asks, ``authority`` gives, ``token`` checks. Imports ``der`` and ``http`` of the room
around it, nothing else of it.
"""
