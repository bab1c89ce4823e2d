"""A stand-in for libcamera, so that the real picamera2 runs on any Linux machine over a sensor in memory.

`sim.twins.picamera2` replaces the class that the booth opens. With this stand-in, in contrast, everything above
libcamera is the vendor's own code: its event thread, its jobs, its buffers. The camera's contract test runs on both, so
that the behaviour of the twin can't drift from that of the library.

picamera2 imports `site/libcamera`. `sensor` is the part that a test controls: the scene, the platform and the faults.
`library` connects picamera2 with the stand-in. `packages` installs the packages into a folder of their own, because
picamera2 must not be importable where there is no camera.
"""
