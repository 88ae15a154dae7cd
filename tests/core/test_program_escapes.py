"""Attempts to break out of the safe subset. Each must be refused, or end as an error of the program itself."""

# ruff: noqa: E501  (a program of several lines is one line of a table)

from pathlib import Path

import pytest
from gradb.autograd.tensor import Tensor
from gradb.errors import UserError
from gradb.scenario.program import Budget, Program, Refused
from programs import Heard, printed, run, torch_stub

BEFORE_IT_RUNS = {
    "a dunder attribute": "().__class__.__bases__",
    "a class's mro": "type(1).__mro__",
    "a function's globals": "def f(): pass\nf.__globals__",
    "a function's code": "def f(): pass\nf.__code__",
    "a lambda's defaults": "(lambda x=1: x).__defaults__",
    "a default argument, which runs when the function is defined": "def f(x=().__class__.__subclasses__): pass",
    "a decorator that hands out the code object": "@(lambda f: f.__code__)\ndef g(): pass",
    "an error's traceback": "try:\n    1 / 0\nexcept Exception as e:\n    e.__traceback__.tb_frame",
    "an error's context": "try:\n    1 / 0\nexcept Exception as e:\n    e.__context__",
    "the class cell of a method": "class A:\n    def f(self): return __class__.__base__",
    "an object's dictionary": "class A: pass\nA().__dict__",
    "a dunder in unicode letters that Python normalises": "().__ｃｌａｓｓ__.__ｂａｓｅｓ__",
    "a dunder name in unicode letters": "__ｂuiltins__",
    "a pattern of match that reads an attribute": "match 1:\n    case object(__class__=c): pass",
    "a metaclass": "class A(metaclass=type): pass",
    "a keyword of a class statement": "class A(x=1): pass",
    "a coroutine": "async def f(): pass",
    "an awaited value": "async def f():\n    await f()",
    "a generator function": "def f():\n    yield 1",
    "a delegating generator": "def f():\n    yield from []",
    "an asynchronous generator expression": "(x async for x in [])",
    "except*, which has confused the interpreter's types": "try:\n    pass\nexcept* ValueError:\n    pass",
    "a bare except": "try:\n    pass\nexcept:\n    pass",
    "except with a computed class": "try:\n    pass\nexcept type(1):\n    pass",
    "BaseException": "try:\n    pass\nexcept BaseException:\n    pass",
    "KeyboardInterrupt": "KeyboardInterrupt",
    "SystemExit": "raise SystemExit",
    "a return in finally": "def f():\n    try:\n        pass\n    finally:\n        return 1",
    "a continue in finally": "while True:\n    try:\n        pass\n    finally:\n        continue",
    "eval": "eval('1')",
    "exec": "exec('1')",
    "compile": "compile('1', '', 'exec')",
    "open": "open('f', 'w')",
    "input": "input()",
    "globals": "globals()",
    "vars": "vars()",
    "dir": "dir()",
    "breakpoint": "breakpoint()",
    "memoryview": "memoryview",
    "bytes": "b'abc'",
    "the builtins": "__builtins__",
    "the loader": "__loader__",
    "__import__": "__import__('os')",
    "__build_class__": "__build_class__",
    "a builtin reached through another name": "f = open",
    "an import": "import os",
    "an import in a function": "def f():\n    import subprocess",
    "an import of a part": "import os.path as p",
    "a relative import": "from . import secrets",
    "a star import": "from torch import *",
    "an import from a module of what it does not list": "from numpy import ctypeslib",
    "an import of what a module imports": "from math import sys",
    "an import from the future": "from __future__ import annotations",
    "an import of gradb": "import gradb",
    "a module's attribute that it does not list": "import numpy as np\nnp.load('f')",
    "a module in a module": "import torch\ntorch.os",
    "numpy's memmap": "import numpy as np\nnp.memmap('f')",
    "numpy's ctypeslib": "import numpy as np\nnp.ctypeslib",
    "numpy's fromfile": "import numpy as np\nnp.fromfile('f')",
    "saving a picture": "import matplotlib.pyplot as plt\nplt.savefig('f.png')",
    "matplotlib's other modules": "import matplotlib.image",
    "__getattr__ of a class": "class A:\n    def __getattr__(self, name): return 1",
    "__getattribute__ of a class": "class A:\n    def __getattribute__(self, name): return 1",
    "__setattr__ of a class": "class A:\n    def __setattr__(self, name, value): pass",
    "__class__ of a class": "class A:\n    @property\n    def __class__(self): return int",
    "__class__ as a class variable": "class A:\n    __class__ = int",
    "__format__ of a class": "class A:\n    def __format__(self, spec): return ''",
    "__reduce__ of a class": "class A:\n    def __reduce__(self): return (print, ())",
    "__del__ of a class": "class A:\n    def __del__(self): pass",
    "__new__ of a class": "class A:\n    def __new__(cls): return 1",
    "__index__ of a class": "class A:\n    def __index__(self): return 1",
    "__array__ of a class": "class A:\n    def __array__(self): return 1",
    "__init_subclass__ of a class": "class A:\n    def __init_subclass__(cls): pass",
    "__set_name__ of a class": "class A:\n    def __set_name__(self, owner, name): pass",
    "__mro_entries__ of a class": "class A:\n    def __mro_entries__(self, bases): return (int,)",
    "__slots__ of a class": "class A:\n    __slots__ = ('x',)",
    "a dunder as a parameter": "def f(__import__): pass",
    "a dunder as a positional-only parameter": "def f(__builtins__, /): pass",
    "a dunder as an error's name": "try:\n    pass\nexcept ValueError as __builtins__:\n    pass",
    "a dunder as an import's name": "import math as __builtins__",
    "a dunder in a global statement": "def f():\n    global __builtins__",
    "a dunder in a for loop": "for __builtins__ in []: pass",
    "deleting a dunder": "del __builtins__",
    "writing a dunder attribute": "class A: pass\nA.__init__ = 1",
    "writing an object's class": "class A: pass\nA().__class__ = int",
    "deleting a dunder attribute": "class A: pass\ndel A.__doc__",
    "a number of thousands of digits": "x = 0x" + "f" * 5000,
}

WHILE_IT_RUNS = {
    "a tensor's address": "import torch\ntorch.zeros(1).data_ptr()",
    "a private attribute of a tensor": "import torch\ntorch.zeros(1)._array",
    "a private attribute by getattr": "import torch\ngetattr(torch.zeros(1), '_array')",
    "a private attribute of a tensor written": "import torch\ntorch.zeros(1)._array = 1",
    "a private method of a class": "import torch\ntorch.Tensor._wrap(1)",
    "an object that looks like a tensor": "class A: pass\nA()._storage = 1",
    "a class that looks like a tensor's": "class A:\n    _storage = 1\na = A()",
    "a module's own attribute written": "import torch\nclass A(torch.nn.Module): pass\nA()._modules = 1",
    "a module's own attribute read": "import torch\nclass A(torch.nn.Module): pass\nA()._modules",
    "getattr with a made-up name": "getattr((), '__cla' + 'ss_' + '_bases__')",
    "getattr of globals": "def f(): pass\ngetattr(f, '__glo' + 'bals__')",
    "hasattr of globals": "def f(): pass\nhasattr(f, '__glo' + 'bals__')",
    "setattr of a dunder": "class A: pass\nsetattr(A, '__init__', 1)",
    "a format string that reads an attribute": "'{0.__class__}'.format(1)",
    "a format string that reads an item": "'{0[x]}'.format({'x': 1})",
    "a format string by name": "'{a.real}'.format(a=1)",
    "a format string in a format string": "'{:{0.real}}'.format(1)",
    "a format string through an alias": "f = 'x{0.real}'.format\nf(1)",
    "a generator expression's frame": "(x for x in []).gi_frame",
    "a generator's code": "map(abs, [1]).gi_code",
    "throwing into a generator": "(x for x in []).throw(ValueError)",
    "an error's with_traceback": "try:\n    1 / 0\nexcept Exception as e:\n    e.with_traceback(None)",
    "an AttributeError's object": "try:\n    (1).x\nexcept AttributeError as e:\n    e.obj",
    "a traceback in __exit__": "class A:\n    def __enter__(self): pass\n    def __exit__(self, kind, error, trace):\n"
    "        error.with_traceback\nwith A():\n    1 / 0",
    "an array's tofile": "import torch\ntorch.zeros(2).numpy().tofile('f')",
    "an array's tofile after a class of the program had the name": "import torch\nclass A: pass\na = A()\na.tofile = 1\ntorch.zeros(2).numpy().tofile('f')",
    "an array's dump": "import torch\ntorch.zeros(2).numpy().dump('f')",
    "an array's memory": "import torch\ntorch.zeros(2).numpy().ctypes",
    "an array's data": "import torch\ntorch.zeros(2).numpy().data",
    "an array's base": "import torch\ntorch.zeros(2).numpy().base",
    "an array's view as another type": "import torch\ntorch.zeros(2).numpy().view('O')",
    "an array's flags": "import torch\ntorch.zeros(2).numpy().setflags(write=True)",
    "an array's type as objects": "import torch\ntorch.zeros(2).numpy().astype('O')",
    "writing an array's type": "import torch\ntorch.zeros(2).numpy().dtype = object",
    "an array of objects": "import numpy as np\nnp.array([print])",
    "an array of objects by its type": "import numpy as np\nnp.zeros(3, dtype=object)",
    "an array of objects by the name of its type": "import numpy as np\nnp.zeros(3, dtype='O')",
    "an array of text": "import numpy as np\nnp.array(['a'])",
    "a structured array": "import numpy as np\nnp.zeros(3, dtype='i4,O')",
    "a sum of objects": "import numpy as np\nnp.ones(2).sum(dtype=object)",
    "a sum of objects by position": "import numpy as np\nnp.ones(2).sum(0, 'O')",
    "an output argument of an array's method": "import numpy as np\nnp.ones(2).sum(0, out=np.zeros(1))",
    "an array of large numbers by multiplication": "import numpy as np\nnp.ones(2, np.int64) * [10 ** 40, 1]",
    "an object of the program in a function of numpy": "import numpy as np\nclass A: pass\nnp.sum(A())",
    "an output argument of numpy": "import numpy as np\nnp.exp(np.zeros(2), out=np.zeros(2))",
    "a number's tofile": "import numpy as np\nnp.float64(1.0).tofile('f')",
    "the random stream's state": "import numpy as np\nr = np.random\nr.get_state()",
    "a module through an alias": "import numpy as np\nn = np\nn.load('f')",
    "a module in a list": "import numpy as np\n[np][0].save('f', 1)",
    "torch's function replaced": "import torch\ntorch.zeros = 1",
    "torch's function replaced through setattr": "import torch\nsetattr(torch, 'zeros', 1)",
    "torch's module replaced": "import torch\ntorch.nn = 1",
    "numpy's function replaced": "import numpy as np\nnp.exp = 1",
    "a method of Tensor replaced": "import torch\ntorch.Tensor.backward = lambda self: 1",
    "a method of a tensor replaced": "import torch\ntorch.zeros(1).backward = 1",
    "a method of Module replaced": "import torch\ntorch.nn.Module.forward = lambda self: 1",
    "a method of Module deleted": "import torch\ndel torch.nn.Module.forward",
    "torch's function deleted": "import torch\ndel torch.zeros",
    "an attribute of a function": "def f(): pass\nf.x = 1",
    "an attribute of a builtin": "print.x = 1",
    "an attribute of a for loop's target": "import torch\nfor torch.zeros in [1]: pass",
    "an attribute in a tuple": "import torch\na, (torch.zeros, b) = 1, (2, 3)",
    "an attribute as a with target": "import torch\nclass A:\n    def __enter__(self): return 1\n"
    "    def __exit__(self, *a): pass\nwith A() as torch.zeros: pass",
    "a class derived from Tensor": "import torch\nclass A(torch.Tensor): pass",
    "a class derived from str": "class A(str): pass",
    "a class derived from dict": "class A(dict): pass",
    "a class derived from int": "class A(int): pass",
    "a class derived from type": "class A(type): pass",
    "a class derived from the type of functions": "class A(type(lambda: 1)): pass",
    "a class derived from property": "class A(property): pass",
    "a class derived from super": "class A(super): pass",
    "a class derived from an error that holds any object": "class A(AttributeError): pass",
    "all base classes of a class, among them BaseException": "class A(ValueError): pass\nA.mro()",
    "all base classes of a class of torch": "import torch\ntorch.nn.Module.mro()",
    "a method of whole numbers through super": "super(bool, True).to_bytes(1, 'big')",
    "the subclasses of a class of the program": "class A: pass\ngetattr(A, '__subclasses__')",
    "an unbound method of str": "str.format('{0.real}', 1)",
    "a range's length": "range(10 ** 12)",
    "a super object's attributes": "class A(ValueError):\n    def f(self): return super().with_traceback\nA().f()",
}

AS_ERRORS_OF_THE_PROGRAM = {
    "a module's own attribute through super": (
        "import torch\nclass A(torch.nn.Module):\n    def f(self): return super()._modules\nA().f()",
        "AttributeError",
    ),
    "a ufunc's methods": ("import numpy as np\nnp.add.reduce", "AttributeError"),
    "a function of torch changed in place": ("import torch\ntorch.zeros += 1", "TypeError"),
    "the function of a method": ("class A:\n    def f(self): pass\nA().f.func", "AttributeError"),
    "a tensor's storage": ("import torch\ntorch.zeros(1).untyped_storage()", "AttributeError"),
    "making a function from a code object": ("type(lambda: 1)(1, {})", "TypeError"),
    "making an array by its type": ("import torch\ntype(torch.zeros(1).numpy())((3,), 'O')", "TypeError"),
    "making a module by its type": ("import torch\ntype(torch)('x')", "TypeError"),
    "making a class by type": ("type('A', (), {})", "TypeError"),
    "print to a file": ("print('x', file=1)", "TypeError"),
    "iter with a sentinel, which never ends": ("iter(int, 1)", "TypeError"),
    "an attribute's name that is not a text": ("getattr(1, ['real'])", "TypeError"),
    "an __exit__ that is no function and would see the traceback": (
        "class A:\n    def f(self, *a): return True\na = A()\nclass B:\n    def __enter__(self): pass\n    __exit__ = a.f",
        "TypeError",
    ),
    "a method of torch on an object that looks like torch's": (
        "import torch\nclass A: _modules = {}\ntorch.nn.Module.named_parameters(A())",
        "TypeError",
    ),
    "an object that numpy would make an array of": (
        "import numpy as np\nclass A: pass\nnp.zeros(2) + A()",
        "TypeError",
    ),
    "a dictionary that would hash what a list holds": ("x = {}\nx |= [((), 1)]", "TypeError"),
    "a chain of properties, which ends the process when it is freed": ("property(None, property())", "TypeError"),
    "a chain of properties by a decorator": ("property().setter(property())", "TypeError"),
    "a chain of errors, which ends the process when it is freed": (
        "AttributeError('x', obj=AttributeError())",
        "TypeError",
    ),
    "a chain of errors made by the type of one": (
        "try:\n    (1).x\nexcept AttributeError as e: type(e)('x', name=e)",
        "TypeError",
    ),
    "a method of a method": ("staticmethod(staticmethod(print))", "TypeError"),
}


@pytest.fixture(autouse=True)
def an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("attempt", BEFORE_IT_RUNS)
def test_the_check_refuses(attempt: str) -> None:
    with pytest.raises(UserError) as refused:
        run("print('began')\n" + BEFORE_IT_RUNS[attempt])
    assert refused.value.where.startswith("made.yaml:")
    assert not isinstance(refused.value, Refused)


@pytest.mark.parametrize("attempt", WHILE_IT_RUNS)
def test_the_guards_refuse(attempt: str, tmp_path: Path) -> None:
    with pytest.raises(UserError) as refused:
        run(WHILE_IT_RUNS[attempt])
    assert refused.value.where.startswith("made.yaml:1")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("attempt", AS_ERRORS_OF_THE_PROGRAM)
def test_nothing_is_reached_by(attempt: str) -> None:
    source, kind = AS_ERRORS_OF_THE_PROGRAM[attempt]
    _, error = run(source)
    assert type(error).__name__ == kind


@pytest.mark.parametrize(
    ("name", "value"),
    [("type(1).__name__", "int"), ("(1).__class__", "<class 'int'>"), ("type(print)", "<class 'function'>")],
)
def test_types_can_be_named_but_not_used(name: str, value: str) -> None:
    assert printed(f"print({name})") == value


def test_what_a_program_refused_to_stop_for_is_refused_at_its_end() -> None:
    source = """
import torch
try:
    try:
        torch.zeros(1).numpy().tofile("f")
    finally:
        1 / 0
except ZeroDivisionError:
    print("hidden")
"""
    with pytest.raises(Refused, match="tofile"):
        run(source)


def test_a_context_manager_cannot_swallow_a_refusal() -> None:
    source = """
import torch
class A:
    def __enter__(self): return self
    def __exit__(self, *args): return True
with A():
    torch.zeros(1).numpy().tofile("f")
print("went on")
"""
    with pytest.raises(Refused, match="tofile"):
        run(source)


def test_errors_are_not_chained_because_freeing_a_long_chain_ends_the_process() -> None:
    causes: list[BaseException | None] = []
    source = """
from torch import look
try:
    raise StopIteration() from ValueError()
except StopIteration as error:
    look(error)
"""
    modules = {"torch": {"look": lambda error: causes.append(error.__cause__)}}
    assert Program(source, "made.yaml").run(Heard(), Budget(), modules) is None
    assert causes == [None]


def test_numpy_leaves_an_operator_to_the_programs_object() -> None:
    source = """
import numpy as np
class A:
    def __radd__(self, other): return other.sum()
print(np.ones(3) + A())
"""
    assert printed(source) == "3.0"


def test_a_program_cannot_spell_the_names_that_guards_have() -> None:
    from gradb.scenario.program import hidden

    names = [value for value in vars(hidden).values() if isinstance(value, str) and value.startswith("gradb ")]
    names += [*hidden.OPERATORS.values(), *hidden.IN_PLACE.values()]
    assert names
    assert not any(name.isidentifier() for name in names)


def test_runs_do_not_see_each_other() -> None:
    backward = Tensor.backward
    run("import torch\nclass A(torch.nn.Module):\n    x = 1\nA.x = 2\nglobal_ = 3\ntorch.set_grad_enabled(False)")
    assert Tensor.backward is backward
    assert set(torch_stub()) == {"Tensor", "zeros", "no_grad", "set_grad_enabled", "nn"}
    with pytest.raises(UserError, match="not defined"):
        run("print(global_)")
    from gradb.autograd.mode import mode

    assert mode.grad_enabled


def test_an_error_that_is_handed_out_holds_no_code_of_the_program() -> None:
    source = """
class Odd(ValueError):
    def __str__(self):
        return "odd"
raise Odd([1, 2])
"""
    heard, error = run(source)
    assert type(error).__name__ == "Odd"
    assert isinstance(error, ValueError)
    assert str(error) == "odd"
    assert error.__traceback__ is None
    assert type(error).__str__.__code__.co_filename != "made.yaml"
    assert heard.of("raised") == [(5, error)]
