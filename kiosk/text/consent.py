"""The texts that a person gets before the consent, at the booth and at the desk, on the screen and by voice."""

CONSENT_ROWS = ("purpose", "items", "receiver", "kept", "contact")
"""The rows of the consent page, in their order. Each row has a label `consent.ROW` and a text `consent.ROW_text`, which
is also a prompt."""
