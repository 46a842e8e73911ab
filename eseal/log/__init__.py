"""The log: an RFC 9162 Merkle tree on C2SP tiles, with signed checkpoints and receipts.

Imports nothing of ours but errors and excerpts. Nothing here stores anything: tiles are read
through the ``TileReader`` protocol, and what an append makes is handed back to be stored.

=============  =====================================================================
leaf           what the log says about one use
leaf_table     leaves by the thousand
rfc9162        hashes, and verification of inclusion and consistency proofs
tiles          C2SP tlog-tiles: coordinates, paths, entry bundles
tree           append, root and proofs on tiles
compact_range  the root of a whole log as a stream, for auditors
note           C2SP signed-note: Ed25519 signatures under text
checkpoint     C2SP tlog-checkpoint: the log-signed head
vkey           C2SP signed-note: public keys as text
cosignature    C2SP tlog-cosignature: witnesses' signatures under checkpoints
receipt        C2SP tlog-proof: inclusion proof and checkpoint
c2sp_text      strict readers of decimals, base64 and names in the texts of C2SP
=============  =====================================================================
"""
