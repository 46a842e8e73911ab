"""Images that say of themselves what the document says of them.

``images`` and ``faxes`` are the doors. Imports the colours, the desk and the language of contents.
"""
