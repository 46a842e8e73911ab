"""Requests read by hand, where a schema library would cost too much: batches, forms with documents.

Routes and the public pages use it. Imports the service's orders, nothing of this interface.
"""
