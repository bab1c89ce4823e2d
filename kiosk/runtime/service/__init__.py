"""The modules that carry out the requests of the service menu: PIN, test shot, network, volume, log, orders to the
machine."""
