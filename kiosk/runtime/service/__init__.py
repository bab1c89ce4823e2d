"""The service menu at work: PIN, test shot, network, volume, log, and orders to the machine."""
