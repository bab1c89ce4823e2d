"""One module for each thing staff do; `center.console.routes` says which address leads where."""
