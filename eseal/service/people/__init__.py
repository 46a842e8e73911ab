"""Who may do what: one function decides, and refuses what it does not know.

Every use case asks ``access.permit``. Imports the instance.
"""
