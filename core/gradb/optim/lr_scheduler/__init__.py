"""Learning rate schedulers (`from torch.optim.lr_scheduler import StepLR`). Step one after the optimizer's step."""

from gradb.optim.lr_scheduler.annealing import CosineAnnealingLR as CosineAnnealingLR
from gradb.optim.lr_scheduler.annealing import CosineAnnealingWarmRestarts as CosineAnnealingWarmRestarts
from gradb.optim.lr_scheduler.combined import ChainedScheduler as ChainedScheduler
from gradb.optim.lr_scheduler.combined import SequentialLR as SequentialLR
from gradb.optim.lr_scheduler.decaying import ExponentialLR as ExponentialLR
from gradb.optim.lr_scheduler.decaying import MultiStepLR as MultiStepLR
from gradb.optim.lr_scheduler.decaying import PolynomialLR as PolynomialLR
from gradb.optim.lr_scheduler.decaying import StepLR as StepLR
from gradb.optim.lr_scheduler.functions import LambdaLR as LambdaLR
from gradb.optim.lr_scheduler.functions import MultiplicativeLR as MultiplicativeLR
from gradb.optim.lr_scheduler.one_cycle import OneCycleLR as OneCycleLR
from gradb.optim.lr_scheduler.plateau import ReduceLROnPlateau as ReduceLROnPlateau
from gradb.optim.lr_scheduler.scheduler import LRScheduler as LRScheduler
from gradb.optim.lr_scheduler.warmup import ConstantLR as ConstantLR
from gradb.optim.lr_scheduler.warmup import LinearLR as LinearLR

_LRScheduler = LRScheduler  # what older programs derive from

__all__ = [
    "ChainedScheduler",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "ExponentialLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "MultiplicativeLR",
    "OneCycleLR",
    "PolynomialLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
]
