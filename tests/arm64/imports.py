"""Imports every module of the booth; run inside the root by the installed package's Python."""

import importlib
import pkgutil
import sys

import common
import kiosk
import rules
import wire

names = [
    module.name
    for package in (kiosk, wire, rules, common)
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    if not module.name.endswith("__main__")
]
for name in names:
    importlib.import_module(name)
sys.stdout.write(f"{len(names)} modules\n")
