"""What is stored, as the service asks for it: one repository per kind, in one transaction.

The service uses it; others only take its values. Imports the binding, the schema and the database.
"""
