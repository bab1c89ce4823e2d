"""What a person is told before the consent, at the booth and at the desk, on the screen and by voice."""

CONSENT_ROWS = ("purpose", "items", "receiver", "kept", "contact")
"""The rows in their order. Each has a label `consent.ROW` and the words `consent.ROW_text`, which are a prompt, too."""
