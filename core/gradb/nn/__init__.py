"""Modules, losses and their functions (`import torch.nn as nn`)."""

from gradb.autograd.tensor import Parameter as Parameter
from gradb.nn import functional as functional
from gradb.nn import init as init
from gradb.nn import utils as utils
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
from gradb.nn.batch_norm import BatchNorm1d as BatchNorm1d
from gradb.nn.batch_norm import BatchNorm2d as BatchNorm2d
from gradb.nn.containers import ModuleDict as ModuleDict
from gradb.nn.containers import ModuleList as ModuleList
from gradb.nn.containers import ParameterList as ParameterList
from gradb.nn.containers import Sequential as Sequential
from gradb.nn.convolution import Conv1d as Conv1d
from gradb.nn.convolution import Conv2d as Conv2d
from gradb.nn.distances import CosineEmbeddingLoss as CosineEmbeddingLoss
from gradb.nn.distances import CosineSimilarity as CosineSimilarity
from gradb.nn.distances import HingeEmbeddingLoss as HingeEmbeddingLoss
from gradb.nn.distances import MarginRankingLoss as MarginRankingLoss
from gradb.nn.distances import PairwiseDistance as PairwiseDistance
from gradb.nn.distances import TripletMarginLoss as TripletMarginLoss
from gradb.nn.dropout import Dropout1d as Dropout1d
from gradb.nn.dropout import Dropout2d as Dropout2d
from gradb.nn.embedding import Embedding as Embedding
from gradb.nn.gates import CELU as CELU
from gradb.nn.gates import GLU as GLU
from gradb.nn.gates import SELU as SELU
from gradb.nn.gates import Hardshrink as Hardshrink
from gradb.nn.gates import Hardsigmoid as Hardsigmoid
from gradb.nn.gates import Hardswish as Hardswish
from gradb.nn.gates import Hardtanh as Hardtanh
from gradb.nn.gates import LogSigmoid as LogSigmoid
from gradb.nn.gates import Mish as Mish
from gradb.nn.gates import PReLU as PReLU
from gradb.nn.gates import Softmin as Softmin
from gradb.nn.gates import Softshrink as Softshrink
from gradb.nn.gates import Softsign as Softsign
from gradb.nn.gates import Tanhshrink as Tanhshrink
from gradb.nn.gates import Threshold as Threshold
from gradb.nn.linear import Flatten as Flatten
from gradb.nn.linear import Identity as Identity
from gradb.nn.linear import Linear as Linear
from gradb.nn.linear import Unflatten as Unflatten
from gradb.nn.losses import BCELoss as BCELoss
from gradb.nn.losses import BCEWithLogitsLoss as BCEWithLogitsLoss
from gradb.nn.losses import CrossEntropyLoss as CrossEntropyLoss
from gradb.nn.losses import HuberLoss as HuberLoss
from gradb.nn.losses import KLDivLoss as KLDivLoss
from gradb.nn.losses import L1Loss as L1Loss
from gradb.nn.losses import MSELoss as MSELoss
from gradb.nn.losses import NLLLoss as NLLLoss
from gradb.nn.losses import SmoothL1Loss as SmoothL1Loss
from gradb.nn.losses import SoftMarginLoss as SoftMarginLoss
from gradb.nn.module import Module as Module
from gradb.nn.normalization import GroupNorm as GroupNorm
from gradb.nn.normalization import LayerNorm as LayerNorm
from gradb.nn.normalization import RMSNorm as RMSNorm
from gradb.nn.pooling import AdaptiveAvgPool1d as AdaptiveAvgPool1d
from gradb.nn.pooling import AdaptiveAvgPool2d as AdaptiveAvgPool2d
from gradb.nn.pooling import AvgPool1d as AvgPool1d
from gradb.nn.pooling import AvgPool2d as AvgPool2d
from gradb.nn.pooling import MaxPool1d as MaxPool1d
from gradb.nn.pooling import MaxPool2d as MaxPool2d
from gradb.nn.recurrent import GRUCell as GRUCell
from gradb.nn.recurrent import LSTMCell as LSTMCell
from gradb.nn.recurrent import RNNCell as RNNCell
from gradb.nn.rnn import GRU as GRU
from gradb.nn.rnn import RNN as RNN

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "GLU",
    "GRU",
    "RNN",
    "SELU",
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AvgPool1d",
    "AvgPool2d",
    "BCELoss",
    "BCEWithLogitsLoss",
    "BatchNorm1d",
    "BatchNorm2d",
    "Conv1d",
    "Conv2d",
    "CosineEmbeddingLoss",
    "CosineSimilarity",
    "CrossEntropyLoss",
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "Embedding",
    "Flatten",
    "GRUCell",
    "GroupNorm",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "HingeEmbeddingLoss",
    "HuberLoss",
    "Identity",
    "KLDivLoss",
    "L1Loss",
    "LSTMCell",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LogSigmoid",
    "LogSoftmax",
    "MSELoss",
    "MarginRankingLoss",
    "MaxPool1d",
    "MaxPool2d",
    "Mish",
    "Module",
    "ModuleDict",
    "ModuleList",
    "NLLLoss",
    "PReLU",
    "PairwiseDistance",
    "Parameter",
    "ParameterList",
    "RMSNorm",
    "RNNCell",
    "ReLU",
    "ReLU6",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "SmoothL1Loss",
    "SoftMarginLoss",
    "Softmax",
    "Softmin",
    "Softplus",
    "Softshrink",
    "Softsign",
    "Tanh",
    "Tanhshrink",
    "Threshold",
    "TripletMarginLoss",
    "Unflatten",
    "functional",
    "init",
    "utils",
]
