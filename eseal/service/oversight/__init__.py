"""What stands on record, for owner, regulator and everybody: uses, the owner's word, verdicts.

``record_access`` shows it. Imports the instance and the record.
"""
