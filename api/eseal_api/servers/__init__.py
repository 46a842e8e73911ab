"""Processes that listen: the service, a witness, an authority.

Only the command line starts them. They may import everything below; nothing here imports them.
"""
