"""How often the booth's eye errs: on portraits with labels, on drawn graduates, and on pictures made faulty."""
