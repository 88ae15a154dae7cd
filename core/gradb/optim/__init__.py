"""Optimizers (`import torch.optim as optim`)."""

from gradb.optim.adam import Adam as Adam
from gradb.optim.adam import AdamW as AdamW
from gradb.optim.optimizer import Optimizer as Optimizer
from gradb.optim.sgd import SGD as SGD

__all__ = ["SGD", "Adam", "AdamW", "Optimizer"]
