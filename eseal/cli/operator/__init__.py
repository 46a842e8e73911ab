"""Commands of those who run something: an instance, a ledger's contracts, an authority, a witness.

The company's commands may use it. Imports the frame, ``verifying.sources`` and the demo.
"""
