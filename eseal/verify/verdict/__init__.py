"""What comes out: the standard's words, our findings, the report.

Everything may import it; it imports nothing of verification.
"""
