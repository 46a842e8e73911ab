"""Who asks, for what, and whether he asked the same before.

Routes and the frame use it. Knows HTTP headers and the service's ``Access``, no route.
"""
