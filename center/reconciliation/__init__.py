"""Half-day reconciliation: compares a booth's count with the office's shots; differences are explained, two people
sign.
"""
