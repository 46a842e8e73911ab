"""``eseal apply``: one file or thousands, where the seal shows, going on after an interruption.

Only ``app`` imports it. Imports the frame and the service.
"""
