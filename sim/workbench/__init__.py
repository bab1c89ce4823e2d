"""The developer's workbench: a web page that shows the simulated booth and offers what a developer can do to it."""
