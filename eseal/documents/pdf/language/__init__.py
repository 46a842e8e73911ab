"""The language of contents (ISO 32000-1 section 7.8.2), as far as every reader reads it alike."""
