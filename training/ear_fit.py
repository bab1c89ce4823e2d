"""`python -m training.ear_fit CROPS.npz OUT.tflite`: teaches the ears' network and writes its weights.

Runs in the environment of `scripts/train-ears` (TensorFlow). The network's convolutions look for hair and for small
bright things at every place. The answers are taken from the mean and from the maximum over all places, because a small
stud counts as much as a large hoop. A tenth of the people is held back from learning, to see how well the network
judges strangers.
"""

import sys
from pathlib import Path

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

SEED = 20261129
EPOCHS, BATCH, RATE, DECAY = 40, 64, 2e-3, 1e-4
HELD_BACK = 10  # one person in this many
MOVED = 4  # px that a crop is shifted at most while learning
ANSWERS = 2  # covered, earring

Rows = NDArray[np.float32]


def network(height: int, width: int, channels: int) -> tf.keras.Model:
    """Input as of `kiosk.vision.checks.ear_crops`; output (2,), 0..1: covered, earring."""
    layers = tf.keras.layers
    given = layers.Input((height, width, channels))
    now = layers.Conv2D(16, 3, 2, "same", use_bias=False)(given)
    now = layers.ReLU()(layers.BatchNormalization()(now))
    for filters, step in ((24, 1), (32, 2), (48, 1), (64, 2), (64, 1)):
        now = layers.DepthwiseConv2D(3, step, "same", use_bias=False)(now)
        now = layers.ReLU()(layers.BatchNormalization()(now))
        now = layers.Conv2D(filters, 1, use_bias=False)(now)
        now = layers.ReLU()(layers.BatchNormalization()(now))
    both = layers.Concatenate()([layers.GlobalAveragePooling2D()(now), layers.GlobalMaxPooling2D()(now)])
    return tf.keras.Model(given, layers.Dense(ANSWERS, "sigmoid")(layers.Dropout(0.3)(both)))


def loss(truth: tf.Tensor, answer: tf.Tensor) -> tf.Tensor:
    """Mean cross entropy of what is known: where the truth is not known (NaN), nothing is learnt."""
    known = tf.math.is_finite(truth)
    want = tf.where(known, truth, 0.0)
    sure = tf.clip_by_value(answer, 1e-5, 1 - 1e-5)
    # The targets are 0.02 and 0.98 and not 0 and 1, because painted pictures are never quite true.
    want = 0.02 + 0.96 * want
    entropy = -(want * tf.math.log(sure) + (1 - want) * tf.math.log(1 - sure))
    return tf.reduce_sum(tf.where(known, entropy, 0.0)) / tf.maximum(tf.reduce_sum(tf.cast(known, tf.float32)), 1.0)


def varied(crops: Rows, rng: np.random.Generator) -> Rows:
    """The same crops, each shifted, with more or less contrast, lighter or darker, in another tint, and with some
    grain."""
    out = np.empty_like(crops)
    for k, crop in enumerate(crops):
        dy, dx = (int(v) for v in rng.integers(-MOVED, MOVED + 1, 2))
        out[k] = np.roll(crop, (dy, dx), (0, 1))
        if dy:
            out[k, :dy] = out[k, dy] if dy > 0 else out[k, :dy]
        out[k, ..., :3] *= rng.uniform(0.8, 1.25)
        out[k, ..., :3] += rng.normal(0, (0.06, 0.06, 0.06))
    out[..., :3] += rng.normal(0, 0.02, out[..., :3].shape).astype(np.float32)
    return out


def taught(crops: Rows, truth: Rows, who: NDArray[np.int64]) -> tf.keras.Model:
    """The network after all epochs."""
    rng = np.random.default_rng(SEED)
    back = who % HELD_BACK == HELD_BACK - 1
    learn = np.flatnonzero(~back)
    model = network(*crops.shape[1:])
    rate = tf.keras.optimizers.schedules.CosineDecay(RATE, EPOCHS * (len(learn) // BATCH))
    model.compile(tf.keras.optimizers.AdamW(rate, DECAY), loss)
    for epoch in range(EPOCHS):
        order = rng.permutation(learn)
        lost = []
        for start in range(0, len(order) - BATCH + 1, BATCH):
            some = order[start : start + BATCH]
            lost.append(model.train_on_batch(varied(crops[some].astype(np.float32), rng), truth[some]))
        if epoch % 4 == 3:
            sys.stderr.write(f"epoch {epoch + 1}: loss {np.mean(lost):.4f}; {_said(model, crops[back], truth[back])}\n")
    return model


def _said(model: tf.keras.Model, crops: Rows, truth: Rows) -> str:
    answer = model.predict(crops.astype(np.float32), 256, verbose=0)
    words = []
    for k, name in enumerate(("covered", "earring")):
        yes, no = truth[:, k] == 1, truth[:, k] == 0
        missed, false = (answer[yes, k] < 0.5).mean(), (answer[no, k] > 0.5).mean()
        words.append(f"{name}: {missed:.3f} of {yes.sum()} missed, {false:.3f} of {no.sum()} false")
    return "; ".join(words)


def main() -> int:
    """Teach, and write the file the booth loads."""
    source, out = (Path(name) for name in sys.argv[1:3])
    tf.keras.utils.set_random_seed(SEED)
    with np.load(source) as data:
        crops, truth, who = (data[name] for name in ("crops", "truth", "who"))
    model = taught(crops, truth, who)
    sys.stderr.write(f"{model.count_params()} weights\n")
    out.write_bytes(tf.lite.TFLiteConverter.from_keras_model(model).convert())
    return 0


if __name__ == "__main__":
    sys.exit(main())
