"""For an auditor: a workbook, from the audit log, of who saw whose data, when and why."""
