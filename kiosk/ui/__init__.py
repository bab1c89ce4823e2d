"""The graduate's user interface: view-model, screens, painter, shell."""

import os

# pygame prints a greeting on standard output when it is imported; our programs print only results there.
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
