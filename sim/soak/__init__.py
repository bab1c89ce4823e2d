"""Many sessions in one booth that is never switched off, while things break (`python -m sim soak`); a whole season of
three booths that nobody looks after (`python -m sim unattended`)."""
