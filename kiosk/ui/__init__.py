"""The graduate's user interface: view-model, screens, painter, shell."""

import os

# When pygame is imported, it prints a greeting on standard output, where our programs must print only results.
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
