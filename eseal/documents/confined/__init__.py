"""Strangers' documents are read in processes of their own, one document each.

PDFium, qpdf, Pillow, an XML parser: large programs, most of them in C++, that read whatever
somebody sends, before anybody has signed in. In this process, which holds keys, a file that takes
all memory would end the service, one that takes for ever would keep others waiting, and a fault
would be a fault here. So this process parses none. A warm process, which has loaded what is needed
and knows no secret, forks a child for each document; the child gives up files, connections,
programs and other processes (Landlock, seccomp), has limits of time, memory and output, does one
task, and ends. Its answer is read as a stranger's too: it may have been taken over.

This is the machinery, and it knows nothing of formats. What can be asked for is listed in
``tasks``: plain functions that live with their subject. Those that use PDFium have a room of their
own, ``eseal.documents.viewer``.
"""

from eseal.documents.confined.asking import READER, Reader, Steps, ask, ask_in_steps
from eseal.documents.confined.budget import (
    DRAWING,
    FLATTENING,
    PICTURES,
    SEALING,
    VERIFYING,
    Budget,
    File,
    Lane,
)

__all__ = [
    "DRAWING",
    "FLATTENING",
    "PICTURES",
    "READER",
    "SEALING",
    "VERIFYING",
    "Budget",
    "File",
    "Lane",
    "Reader",
    "Steps",
    "ask",
    "ask_in_steps",
]
