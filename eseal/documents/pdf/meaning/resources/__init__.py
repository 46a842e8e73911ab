"""What contents draw with: fonts, images, colours (ISO 32000-1 section 7.8.3).

One room for each; ``drawing`` asks them. Imports the desk, the streams, the language of contents.
"""
