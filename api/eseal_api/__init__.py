"""The HTTP interface: JSON under ``/v1``, the public log, the public page."""
