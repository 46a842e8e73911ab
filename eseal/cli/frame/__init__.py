"""What all commands share: options, errors, printing, files, moments.

Every command imports it; it imports no command.
"""
