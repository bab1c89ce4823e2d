"""What the graduate sees and touches: view-model, screens, painter, shell."""

import os

# pygame greets on standard output when it is imported; ours carries results only.
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
