"""Applying a seal: from an order to a delivered document.

``applying`` and ``containers`` are the doors. Imports record, archive, seals, people.
"""
