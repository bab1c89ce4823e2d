"""A stand-in for libcamera, so that the real picamera2 runs on any Linux machine over a sensor in memory.

`sim.twins.picamera2` replaces the class that the booth opens. With the stand-in, everything above libcamera is the
vendor's own code: its event thread, its jobs, its buffers. The camera's contract test runs on both, so that the twin
can't drift from the library.

`site/libcamera` is what picamera2 imports; `sensor` is what a test holds: the scene, the platform and what is wrong;
`library` brings picamera2 and the stand-in together; `packages` keeps the packages in a folder of their own, because
picamera2 must not be importable where no camera is.
"""
