"""PyTorch: `nn.LSTM` and `nn.Linear`, as they are, scripted, and compiled."""

import numpy as np
import torch
from protocol import Roster
from torch import nn
from torch.nn import functional as F
from training_tasks import Task, contestants, tasks

VARIANTS = {"eager": "PyTorch", "jit": "PyTorch jit", "compile": "PyTorch compile"}


def roster(folder: str) -> Roster:
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    # All models are compiled from one function; past eight of them, PyTorch would go on uncompiled.
    torch._dynamo.config.recompile_limit = 64
    peers = [
        peer
        for task in tasks(folder)
        for variant, name in VARIANTS.items()
        for peer in contestants(task, name, lambda *args, variant=variant: _step(variant, *args))
    ]
    return Roster({"torch": torch.__version__}, peers)


def _step(variant: str, task: Task, dropout: float, learning_rate: float):
    model = MODELS[task.model](task.weights, dropout)
    x = torch.from_numpy(task.x)
    y = None if task.y is None else torch.from_numpy(task.y)
    forward = _scripted(model, x) if variant == "jit" else model
    loss_of = LOSSES[task.model]

    def loss() -> torch.Tensor:
        return loss_of(forward(x), x if y is None else y)

    if variant == "compile":
        loss = torch.compile(loss)
    learning = [weight for weight in model.parameters() if weight.requires_grad]
    # The fused update is the fastest of its three.
    adam = torch.optim.Adam(learning, learning_rate, (task.beta1, task.beta2), task.epsilon, fused=True)

    def step() -> float:
        adam.zero_grad(set_to_none=True)
        value = loss()
        value.backward()
        adam.step()
        return value.item()

    return step


def _scripted(model: nn.Module, x: torch.Tensor) -> torch.nn.Module:
    """Dropout must draw anew at each step, so a model with it is scripted; a trace is the faster of the two otherwise."""
    return torch.jit.script(model) if isinstance(model, (Sequence, ContextAutoencoder)) else torch.jit.trace(model, x)


def _lstm(features: int, units: int, halves: list[list[np.ndarray]]) -> nn.LSTM:
    """PyTorch has two biases where Keras has one: the second is zero and stays so."""
    lstm = nn.LSTM(features, units, batch_first=True, bidirectional=len(halves) == 2)
    for (kernel, recurrent, bias), suffix in zip(halves, ["", "_reverse"], strict=False):
        values = {"weight_ih": kernel.T, "weight_hh": recurrent.T, "bias_ih": bias, "bias_hh": np.zeros_like(bias)}
        for name, value in values.items():
            _set(getattr(lstm, f"{name}_l0{suffix}"), value)
        getattr(lstm, f"bias_hh_l0{suffix}").requires_grad_(False)
    return lstm


def _linear(kernel: np.ndarray, bias: np.ndarray) -> nn.Linear:
    linear = nn.Linear(*kernel.shape)
    _set(linear.weight, kernel.T)
    _set(linear.bias, bias)
    return linear


def _set(parameter: nn.Parameter, value: np.ndarray) -> None:
    with torch.no_grad():
        parameter.copy_(torch.from_numpy(np.ascontiguousarray(value)))


class Sequence(nn.Module):
    def __init__(self, w: list[np.ndarray], dropout: float):
        super().__init__()
        units = w[1].shape[0]
        self.first = _lstm(w[0].shape[0], units, [w[0:3]])
        self.second = _lstm(units, units, [w[3:6]])
        self.dropout = nn.Dropout(dropout)
        self.score = _linear(*w[6:8])

    def forward(self, x):
        states, _ = self.first(x)
        states, _ = self.second(self.dropout(states))
        return torch.sigmoid(self.score(self.dropout(states[:, -1])))


class DenseAutoencoder(nn.Module):
    def __init__(self, w: list[np.ndarray], dropout: float):
        super().__init__()
        layers = [_linear(*w[i : i + 2]) for i in range(0, len(w), 2)]
        self.stack = nn.Sequential(*[part for layer in layers for part in (layer, nn.ReLU(inplace=True))][:-1])

    def forward(self, x):
        return self.stack(x)


class Boundary(nn.Module):
    """Gives logits; the loss is of these."""

    def __init__(self, w: list[np.ndarray], dropout: float):
        super().__init__()
        self.lstm = _lstm(w[0].shape[0], w[1].shape[0], [w[0:3], w[3:6]])
        self.score = _linear(*w[6:8])

    def forward(self, x):
        _, (last, _) = self.lstm(x)
        return self.score(torch.cat([last[0], last[1]], 1))


class CumulativeSum(nn.Module):
    def __init__(self, w: list[np.ndarray], dropout: float):
        super().__init__()
        self.lstm = _lstm(w[0].shape[0], w[1].shape[0], [w[0:3]])
        self.score = _linear(*w[3:5])

    def forward(self, x):
        return torch.sigmoid(self.score(self.lstm(x)[0]))


class ContextAutoencoder(nn.Module):
    """`nn.LSTM` has no other activation than tanh: its steps are written out."""

    def __init__(self, w: list[np.ndarray], dropout: float):
        super().__init__()
        self.kernel, self.recurrent, self.bias = (nn.Parameter(torch.tensor(each)) for each in w[0:3])
        self.first, self.narrow, self.decoded = (_linear(*w[i : i + 2]) for i in (3, 5, 7))

    def forward(self, x):
        given = torch.matmul(x, self.kernel) + self.bias
        state = torch.zeros(x.size(0), self.recurrent.size(0))
        cell = torch.zeros(x.size(0), self.recurrent.size(0))
        for t in range(x.size(1)):
            i, f, g, o = (given[:, t] + torch.mm(state, self.recurrent)).chunk(4, 1)
            cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.relu(g)
            state = torch.sigmoid(o) * torch.relu(cell)
        decoded = torch.sigmoid(self.decoded(torch.relu(self.narrow(torch.relu(self.first(state))))))
        return decoded, state


MODELS = {"M1": Sequence, "M2": DenseAutoencoder, "M3": Boundary, "M4": CumulativeSum, "M5": ContextAutoencoder}
LOSSES = {
    "M1": F.binary_cross_entropy,
    "M2": F.mse_loss,
    "M3": F.cross_entropy,
    "M4": F.binary_cross_entropy,
    "M5": lambda outputs, _: F.mse_loss(*outputs),
}
