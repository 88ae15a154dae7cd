"""Optimizers and learning rate schedulers (`import torch.optim as optim`)."""

from gradb.optim import lr_scheduler as lr_scheduler
from gradb.optim.adagrad import Adagrad as Adagrad
from gradb.optim.adam import Adam as Adam
from gradb.optim.adam import AdamW as AdamW
from gradb.optim.optimizer import Optimizer as Optimizer
from gradb.optim.rmsprop import RMSprop as RMSprop
from gradb.optim.sgd import SGD as SGD

__all__ = ["SGD", "Adagrad", "Adam", "AdamW", "Optimizer", "RMSprop", "lr_scheduler"]
