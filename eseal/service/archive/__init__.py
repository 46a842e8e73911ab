"""Documents kept beyond delivery, and their time-stamps raised and renewed.

Sealing and the audit use it. Imports the instance.
"""
