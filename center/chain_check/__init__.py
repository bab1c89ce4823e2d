"""Verifies the chain of the audit in the background; the page of the audit shows the result."""
