"""What is done once or rarely: contracts put on a chain, offices handed on, stops by anybody.

The service's set-up and the command line use it. Imports sending and reading.
"""
