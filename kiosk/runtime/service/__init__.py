"""The parts that carry out the service menu's requests: PIN, test shot, network, volume, log, orders to the machine."""
