"""Keras on TensorFlow: the whole step as one graph, and compiled by XLA."""

import os

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", KERAS_BACKEND="tensorflow")

import keras
import tensorflow as tf
from keras import layers
from protocol import Roster
from training_tasks import Task, contestants, tasks

VARIANTS = {False: "Keras graph", True: "Keras XLA"}


def roster(folder: str) -> Roster:
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    peers = [
        peer
        for task in tasks(folder)
        for xla, name in VARIANTS.items()
        for peer in contestants(task, name, lambda *args, xla=xla: _step(xla, *args))
    ]
    return Roster({"tensorflow": tf.__version__, "keras": keras.__version__}, peers)


def _step(xla: bool, task: Task, dropout: float, learning_rate: float):
    """`train_on_batch` does the same with metrics around it."""
    model = keras.Sequential([layers.Input(task.x.shape[1:]), *LAYERS[task.model](task, dropout)])
    model.set_weights(task.weights)
    # A loss between layers needs the output of the first one, too.
    judged = keras.Model(model.inputs, [model.outputs[0], model.layers[0].output]) if task.y is None else model
    loss_of = LOSSES[task.model]
    adam = keras.optimizers.Adam(learning_rate, task.beta1, task.beta2, task.epsilon)
    adam.build(model.trainable_variables)
    x = tf.constant(task.x)
    y = x if task.y is None else tf.constant(task.y)

    @tf.function(jit_compile=xla)
    def update(x, y):
        with tf.GradientTape() as tape:
            value = loss_of(y, judged(x, training=True))
        gradients = tape.gradient(value, model.trainable_variables)
        adam.apply(gradients, model.trainable_variables)
        return value

    return lambda: float(update(x, y))


def _sequence(task: Task, dropout: float) -> list:
    units = task.weights[1].shape[0]
    return [
        layers.LSTM(units, return_sequences=True),
        layers.Dropout(dropout),
        layers.LSTM(units),
        layers.Dropout(dropout),
        layers.Dense(1, "sigmoid"),
    ]


def _dense_autoencoder(task: Task, dropout: float) -> list:
    widths = [bias.size for bias in task.weights[1::2]]
    return [*(layers.Dense(units, "relu") for units in widths[:-1]), layers.Dense(widths[-1])]


def _boundary(task: Task, dropout: float) -> list:
    return [layers.Bidirectional(layers.LSTM(task.weights[1].shape[0])), layers.Dense(2, "softmax")]


def _cumulative_sum(task: Task, dropout: float) -> list:
    units = task.weights[1].shape[0]
    return [layers.LSTM(units, return_sequences=True), layers.TimeDistributed(layers.Dense(1, "sigmoid"))]


def _context_autoencoder(task: Task, dropout: float) -> list:
    units, *widths = task.weights[1].shape[0], *(bias.size for bias in task.weights[4::2])
    activations = ["relu", "relu", "sigmoid"]
    dense = [layers.Dense(*each) for each in zip(widths, activations, strict=True)]
    return [layers.LSTM(units, activation="relu"), *dense]


LAYERS = {
    "M1": _sequence,
    "M2": _dense_autoencoder,
    "M3": _boundary,
    "M4": _cumulative_sum,
    "M5": _context_autoencoder,
}
LOSSES = {
    "M1": keras.losses.BinaryCrossentropy(),
    "M2": keras.losses.MeanSquaredError(),
    "M3": keras.losses.CategoricalCrossentropy(),
    "M4": keras.losses.BinaryCrossentropy(),
    "M5": lambda _, outputs: tf.reduce_mean(tf.square(outputs[0] - outputs[1])),
}
