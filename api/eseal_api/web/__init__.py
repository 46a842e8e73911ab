"""The public pages: the check, the page of a use, how to check without us.

Only the application imports it. It asks the route of verifications for verdicts, and no other.
"""
