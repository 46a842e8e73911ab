"""Sealed documents: PDF (PAdES), detached signatures (CAdES), evidence files, media types.

Each format is a room, ``pdf``, ``asic`` and ``cms``; ``impressions`` is what seals look like,
``confined`` has strangers' files read elsewhere, by ``viewer`` among others. Imports model, suites
and words; neither certificates nor log.
"""
