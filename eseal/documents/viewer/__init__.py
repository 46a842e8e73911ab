"""PDFium, which shows documents of strangers, in a process of its own.

PDFium is a large program in C++ and reads whatever somebody sends, before anybody has signed in.
In this process, which holds keys, a page that takes all memory would end the service, and a fault
in it would be a fault here. The viewer knows no key and no secret, has a limit of memory and of
time, and where the kernel allows it (Landlock) it can open no file but fonts and no connection. One
that fails is replaced at the next question. There are two, each started when it is needed.

What it can be asked for stands in the modules ``words``, ``areas``, ``covers`` and ``copies``:
functions of files and plain values.
"""

from eseal.documents.viewer.process import SEALING, VERIFYING, Viewer

__all__ = ["SEALING", "VERIFYING", "Viewer"]
