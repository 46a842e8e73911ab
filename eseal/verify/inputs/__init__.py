"""What is checked and against what: the case, whom one trusts, what one demands.

Callers make these. Imports the verdict's words.
"""
