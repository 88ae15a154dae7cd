"""Tools around training; so far the loading of data (`torch.utils.data`)."""

from gradb.utils import data as data

__all__ = ["data"]
