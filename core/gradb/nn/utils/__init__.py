"""What is done to all parameters of a module at once (`from torch.nn.utils import clip_grad_norm_`)."""

from gradb.nn.utils.clip_grad import clip_grad_norm_ as clip_grad_norm_
from gradb.nn.utils.clip_grad import clip_grad_value_ as clip_grad_value_
from gradb.nn.utils.convert_parameters import parameters_to_vector as parameters_to_vector
from gradb.nn.utils.convert_parameters import vector_to_parameters as vector_to_parameters

__all__ = ["clip_grad_norm_", "clip_grad_value_", "parameters_to_vector", "vector_to_parameters"]
