"""Modules, losses and their functions (`import torch.nn as nn`)."""

from gradb.autograd.tensor import Parameter as Parameter
from gradb.nn import functional as functional
from gradb.nn import init as init
from gradb.nn.activations import ELU as ELU
from gradb.nn.activations import GELU as GELU
from gradb.nn.activations import Dropout as Dropout
from gradb.nn.activations import LeakyReLU as LeakyReLU
from gradb.nn.activations import LogSoftmax as LogSoftmax
from gradb.nn.activations import ReLU as ReLU
from gradb.nn.activations import ReLU6 as ReLU6
from gradb.nn.activations import Sigmoid as Sigmoid
from gradb.nn.activations import SiLU as SiLU
from gradb.nn.activations import Softmax as Softmax
from gradb.nn.activations import Softplus as Softplus
from gradb.nn.activations import Tanh as Tanh
from gradb.nn.containers import ModuleDict as ModuleDict
from gradb.nn.containers import ModuleList as ModuleList
from gradb.nn.containers import ParameterList as ParameterList
from gradb.nn.containers import Sequential as Sequential
from gradb.nn.linear import Flatten as Flatten
from gradb.nn.linear import Identity as Identity
from gradb.nn.linear import Linear as Linear
from gradb.nn.linear import Unflatten as Unflatten
from gradb.nn.losses import BCELoss as BCELoss
from gradb.nn.losses import BCEWithLogitsLoss as BCEWithLogitsLoss
from gradb.nn.losses import CrossEntropyLoss as CrossEntropyLoss
from gradb.nn.losses import L1Loss as L1Loss
from gradb.nn.losses import MSELoss as MSELoss
from gradb.nn.losses import NLLLoss as NLLLoss
from gradb.nn.module import Module as Module

__all__ = [
    "ELU",
    "GELU",
    "BCELoss",
    "BCEWithLogitsLoss",
    "CrossEntropyLoss",
    "Dropout",
    "Flatten",
    "Identity",
    "L1Loss",
    "LeakyReLU",
    "Linear",
    "LogSoftmax",
    "MSELoss",
    "Module",
    "ModuleDict",
    "ModuleList",
    "NLLLoss",
    "Parameter",
    "ParameterList",
    "ReLU",
    "ReLU6",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Tanh",
    "Unflatten",
    "functional",
    "init",
]
