"""Long runs: many sessions in one booth that is never switched off, while things break (`python -m sim soak`); and a
whole season of three booths that nobody looks after (`python -m sim unattended`)."""
