"""The developer's workbench: the simulated booth on a page of the browser, beside what one can do to it."""
