"""For an auditor: who saw whom, when and why, from the audit log, as a workbook."""
