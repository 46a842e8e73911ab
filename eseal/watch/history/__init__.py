"""What others tell of uses, held against the leaves: nothing of it is believed.

``openings`` is for a history, ``period`` and ``completeness`` for a list that a regulator was
given. Imports the watch's log, file and alarms; of documents the CMS.
"""
