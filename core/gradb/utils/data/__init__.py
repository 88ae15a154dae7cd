"""Data sets and how they are loaded in batches (`from torch.utils.data import DataLoader, TensorDataset`)."""

from gradb.utils.data import dataset as dataset
from gradb.utils.data import sampler as sampler
from gradb.utils.data.collate import default_collate as default_collate
from gradb.utils.data.collate import default_convert as default_convert
from gradb.utils.data.dataloader import DataLoader as DataLoader
from gradb.utils.data.dataloader import get_worker_info as get_worker_info
from gradb.utils.data.dataset import ChainDataset as ChainDataset
from gradb.utils.data.dataset import ConcatDataset as ConcatDataset
from gradb.utils.data.dataset import Dataset as Dataset
from gradb.utils.data.dataset import IterableDataset as IterableDataset
from gradb.utils.data.dataset import Subset as Subset
from gradb.utils.data.dataset import TensorDataset as TensorDataset
from gradb.utils.data.sampler import BatchSampler as BatchSampler
from gradb.utils.data.sampler import RandomSampler as RandomSampler
from gradb.utils.data.sampler import Sampler as Sampler
from gradb.utils.data.sampler import SequentialSampler as SequentialSampler
from gradb.utils.data.sampler import SubsetRandomSampler as SubsetRandomSampler
from gradb.utils.data.splitting import random_split as random_split

__all__ = [
    "BatchSampler",
    "ChainDataset",
    "ConcatDataset",
    "DataLoader",
    "Dataset",
    "IterableDataset",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "Subset",
    "SubsetRandomSampler",
    "TensorDataset",
    "dataset",
    "default_collate",
    "default_convert",
    "get_worker_info",
    "random_split",
    "sampler",
]
