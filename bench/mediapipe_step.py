"""Runs in MediaPipe's own Python: it times FaceMesh on frames from a file, and at last prints the times (ms) as
JSON."""

import json
import os
import sys
import time

import mediapipe as mp
import numpy as np


def main(file: str, core: str, warm_up: str, steps: str) -> None:
    """Time frames (n, h, w, 3) from `file`, on the one core `core`: `steps` frames in a loop, of which the first
    `warm_up` do not count."""
    os.sched_setaffinity(0, {int(core)})
    frames = np.load(file)
    mesh = mp.solutions.face_mesh.FaceMesh(static_image_mode=False, max_num_faces=1, refine_landmarks=True)
    times = []
    for number in range(int(steps)):
        frame = frames[number % len(frames)]
        began = time.perf_counter()
        answer = mesh.process(frame)
        times.append((time.perf_counter() - began) * 1e3)
        assert answer.multi_face_landmarks, "FaceMesh follows the drawn person, too"
    print(json.dumps(times[int(warm_up) :]))


if __name__ == "__main__":
    main(*sys.argv[1:])
