"""Making a document fit to be sealed, and whether it is: before it is written anew, and after.

``tidying`` and ``repairs`` come before examination and meaning, ``flattening`` is the way out,
``hidden`` looks at what is sealed as at what is to be. Sealing and ``tasks`` use it; runs in a
confined process. Imports examination, meaning, seals and what is below them.
"""
