"""The forms of requests and answers: the models that read and write them.

The OpenAPI document is made of them. Everything above takes models from here; ``reading`` says how
one is read. Imports the service's orders and values, nothing of this interface.
"""
