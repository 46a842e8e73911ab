"""eseal: company seals whose every use is on the record."""

__version__ = "0.1.0"
