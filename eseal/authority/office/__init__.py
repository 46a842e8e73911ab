"""An authority that is run: its home, its log of who asked, its register, who may ask.

``desk`` and ``home`` are the doors, for the command line and the server; the service takes
``home.load_card`` only. Imports the word, and of asking the protocol.
"""
