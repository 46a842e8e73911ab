"""Sealed documents: PDF (PAdES), detached signatures (CAdES), evidence files, media types."""
