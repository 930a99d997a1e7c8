"""What Keras 2 makes of small models: outputs, losses and gradients in float64, `data/keras.json`.

Topologies are Keras's own JSON, which tfjs reads; weights, inputs and targets are float32 numbers. With `--check` the
fresh numbers are compared with the stored ones.
"""

import importlib.metadata
import json
import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf
import tf_keras as keras
from tf_keras import layers as L

OUT = Path(__file__).parent / "data" / "keras.json"
BATCH = 4
# Another processor's libraries add in another order.
ELSEWHERE = 1e-9

keras.backend.set_floatx("float64")
random = np.random.default_rng(7)


def float32(*shape):
    return random.uniform(-1, 1, shape).astype(np.float32).astype(np.float64)


def sequential(*parts):
    return keras.Sequential(list(parts))


def one_hot(n, classes):
    return np.eye(classes)[random.integers(0, classes, n)]


def branches():
    x = keras.Input((6, 3))
    left = L.Conv1D(4, 3, padding="same", activation="relu")(x)
    right = L.LSTM(4, return_sequences=True, recurrent_activation="hard_sigmoid")(x)
    merged = L.Concatenate()([L.Add()([left, right]), L.Multiply()([left, right]), L.Average()([left, right])])
    return keras.Model(x, L.Dense(2)(L.Permute((2, 1))(L.Maximum()([merged, merged]))))


def begun():
    x = keras.Input((5, 3))
    state = L.Dense(4, activation="tanh")(L.GRU(3, reset_after=False)(x))
    cell = L.Dense(4)(L.Flatten()(x))
    return keras.Model(x, L.Dense(1)(L.LSTM(4)(x, initial_state=[state, cell])))


def with_gaps(x):
    x[0, 3:] = 0
    x[1, 1] = 0
    x[2, 0] = 0
    return x


def cases():
    yield (
        "lstm, dense over time, categorical",
        sequential(keras.Input((5, 3)), L.LSTM(4, return_sequences=True), L.TimeDistributed(L.Dense(3, activation="softmax"))),
        "categorical_crossentropy",
        float32(BATCH, 5, 3),
        one_hot(BATCH * 5, 3).reshape(BATCH, 5, 3),
    )
    yield (
        "lstm backwards, relu, hard sigmoid",
        sequential(keras.Input((5, 3)), L.LSTM(4, activation="relu", recurrent_activation="hard_sigmoid", go_backwards=True), L.Dense(1)),
        "mean_squared_error",
        float32(BATCH, 5, 3),
        float32(BATCH, 1),
    )
    yield (
        "bidirectional gru, lstm, binary",
        sequential(
            keras.Input((5, 3)),
            L.Bidirectional(L.GRU(3, return_sequences=True, reset_after=False), merge_mode="concat"),
            L.Bidirectional(L.LSTM(2), merge_mode="mul"),
            L.Dense(1, activation="sigmoid"),
        ),
        "binary_crossentropy",
        float32(BATCH, 5, 3),
        random.integers(0, 2, (BATCH, 1)).astype(np.float64),
    )
    yield (
        "convolution, batch normalisation, pools, sparse",
        sequential(
            keras.Input((11, 2)),
            L.Conv1D(4, 3, strides=2, padding="same", use_bias=False),
            L.BatchNormalization(),
            L.Activation("elu"),
            L.MaxPooling1D(2, padding="same"),
            L.AveragePooling1D(2, strides=1, padding="same"),
            L.Flatten(),
            L.Dense(3, activation="softmax"),
        ),
        "sparse_categorical_crossentropy",
        float32(BATCH, 11, 2),
        random.integers(0, 3, (BATCH, 1)).astype(np.float64),
    )
    yield (
        "images down and up",
        sequential(
            keras.Input((6, 8, 1)),
            L.Conv2D(3, 3, strides=2, padding="same", activation="tanh"),
            L.Conv2DTranspose(2, 3, strides=2, padding="same", activation="relu"),
            L.MaxPooling2D((2, 1)),
            L.UpSampling2D((2, 1)),
            L.Conv2D(1, (2, 3), padding="same", dilation_rate=2),
        ),
        "mean_absolute_error",
        float32(BATCH, 6, 8, 1),
        float32(BATCH, 6, 8, 1),
    )
    yield (
        "sequence autoencoder",
        sequential(
            keras.Input((4, 3)),
            L.LSTM(5, activation="relu"),
            L.RepeatVector(4),
            L.LSTM(5, activation="relu", return_sequences=True),
            L.TimeDistributed(L.Dense(3)),
        ),
        "mean_squared_error",
        float32(BATCH, 4, 3),
        float32(BATCH, 4, 3),
    )
    yield (
        "steps that do not count",
        sequential(
            keras.Input((6, 2)),
            L.Masking(0.0),
            L.GRU(3, return_sequences=True, reset_after=False),
            L.LSTM(4),
            L.Dense(1),
        ),
        "mean_squared_error",
        with_gaps(float32(BATCH, 6, 2)),
        float32(BATCH, 1),
    )
    # tfjs would hand the mask on to the second recurrent layer.
    yield (
        "autoencoder of steps that do not count",
        sequential(
            keras.Input((6, 2)),
            L.Masking(0.0),
            L.LSTM(4),
            L.RepeatVector(6),
            L.LSTM(3, return_sequences=True),
            L.TimeDistributed(L.Dense(2)),
        ),
        "mean_squared_error",
        with_gaps(float32(BATCH, 6, 2)),
        float32(BATCH, 6, 2),
    )
    yield ("branches and merges", branches(), "mean_squared_error", float32(BATCH, 6, 3), float32(BATCH, 12, 2))
    yield ("states to begin with", begun(), "mean_squared_error", float32(BATCH, 5, 3), float32(BATCH, 1))
    yield (
        "global pools",
        sequential(keras.Input((7, 3)), L.Conv1D(4, 2, activation="softsign"), L.GlobalAveragePooling1D(), L.Dense(2, activation="softplus")),
        "mean_squared_error",
        float32(BATCH, 7, 3),
        float32(BATCH, 2),
    )


def with_weights(model):
    return [layer for layer in model.layers if layer.weights]


def set_weights(model):
    for layer in with_weights(model):
        values = []
        for weight in layer.weights:
            value = 0.7 * float32(*weight.shape)
            values.append(np.abs(value) + 0.5 if "variance" in weight.name or "gamma" in weight.name else value)
        layer.set_weights([v.astype(np.float32).astype(np.float64) for v in values])


def numbers(array):
    return [float(f"{value:.17g}") for value in np.asarray(array, np.float64).ravel()]


def float32_numbers(array):
    return [float(np.float32(value)) for value in np.asarray(array).ravel()]


def made(name, model, loss, x, y):
    set_weights(model)
    with tf.GradientTape() as tape:
        each = keras.losses.get(loss)(tf.constant(y), model(x, training=True))
        total = tf.reduce_mean(each)
    gradients = tape.gradient(total, model.trainable_weights)
    by_weight = {id(w): numbers(g) for w, g in zip(model.trainable_weights, gradients)}
    return {
        "name": name,
        "topology": json.loads(model.to_json().replace('"float64"', '"float32"')),
        "loss": loss,
        "xShape": list(x.shape),
        "x": float32_numbers(x),
        "yShape": list(y.shape),
        "y": float32_numbers(y),
        "weights": [[float32_numbers(w) for w in layer.get_weights()] for layer in with_weights(model)],
        "output": numbers(model(x, training=False)),
        "lossValue": float(total),
        "gradients": [[by_weight[id(w)] for w in layer.trainable_weights] for layer in with_weights(model)],
    }


def flat(value):
    if isinstance(value, (list, tuple)):
        return [each for part in value for each in flat(part)]
    return [value]


def check(fresh):
    stored = json.loads(OUT.read_text())["cases"]
    for was, now in zip(stored, fresh, strict=True):
        for key in ("x", "y", "weights", "output", "gradients"):
            error = np.abs(np.array(flat(was[key])) - np.array(flat(now[key]))).max(initial=0)
            if not error <= ELSEWHERE:
                raise SystemExit(f"{was['name']}: {key} differ by {error:.2g}")
    print(f"keras: {len(stored)} cases as stored")


made_cases = [made(*case) for case in cases()]
if "--check" in sys.argv:
    check(made_cases)
else:
    versions = {name: importlib.metadata.version(name) for name in ("tensorflow-cpu", "tf-keras", "numpy")}
    head = {"generator": "test/golden/make_keras.py", "versions": versions}
    rows = ",\n".join("  " + json.dumps(case) for case in made_cases)
    text = json.dumps(head, indent=1)[:-2] + ',\n "cases": [\n' + rows + "\n ]\n}\n"
    OUT.write_text(text)
    print(f"keras: {len(made_cases)} cases, {len(text) / 1e3:.0f} kB")
