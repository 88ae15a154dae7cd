"""Running a program: which lines, names and turns the recorder hears of, and what the safe subset lets a learner do."""

# ruff: noqa: E501  (a program of several lines is one line of a table)

from typing import Any

import pytest
from gradb.scenario.program import Cancelled
from programs import Heard, printed, run


def lines_of(source: str) -> list[tuple[int, str]]:
    """The line of each text that a program prints."""
    return [(line, text) for line, text in run(source)[0].of("printed")]


def names_in(source: str) -> list[tuple[int, str]]:
    """The line and the name of each assignment that the recorder hears of."""
    return [(line, name) for line, name, _ in run(source)[0].of("named")]


def turns_of(heard: Heard) -> list[tuple[str, int]]:
    return [(method, args[0]) for _, method, *args in heard.trace.events if method in ("turn", "leave")]


def test_each_statement_runs_at_its_own_line() -> None:
    source = """print("a")

if True:
    print("b")
else:
    pass
with_ = [print("c"),
         print("d")]
"""
    assert lines_of(source) == [(1, "a"), (4, "b"), (7, "c"), (7, "d")]


def test_a_function_gives_its_callers_line_back() -> None:
    source = """def f():
    print("inside")
    return 1
x = [f(), print("after")]
def g():
    raise ValueError
try:
    g()
except ValueError:
    print("caught")
"""
    assert lines_of(source) == [(2, "inside"), (4, "after"), (10, "caught")]


def test_what_a_loop_does_between_its_turns_is_at_the_loops_line() -> None:
    source = """class Loader:
    def __init__(self): self.n = 0
    def __iter__(self): return self
    def __next__(self):
        self.n += 1
        if self.n == 3:
            raise StopIteration
        return self.n
def at(text):
    print(text)
    return True
for x in Loader():
    if x == 1:
        continue
    y = x
n = 0
while at("test") and n < 2:
    n += 1
"""
    heard, _ = run(source)
    assert [line for line, *_ in heard.of("turn")] == [12, 12, 17, 17]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("x = 1", ["x"]),
        ("x = y = 1", ["x", "y"]),
        ("x, (y, *z) = 1, (2, 3)", ["x", "y", "z"]),
        ("[x, y] = 1, 2", ["x", "y"]),
        ("x: int = 1", ["x"]),
        ("x: int", []),
        ("x = 1\nx += 1", ["x", "x"]),
        ("x = [1]\nx[0] = 2", ["x"]),
        ("for i in range(2): pass", ["i", "i"]),
        ("class A:\n    y = 1\n    def f(self): self.z = 2\nA().f()", []),
        ("def f(a):\n    b = a\nf(1)", ["b"]),
    ],
)
def test_assignments_to_plain_names_are_told(source: str, names: list[str]) -> None:
    assert [name for _, name in names_in(source)] == names


def test_the_target_of_a_with_is_told() -> None:
    source = """class A:
    def __enter__(self): return 5
    def __exit__(self, *args): pass
with A() as a:
    pass
"""
    assert names_in(source) == [(4, "a")]


def test_loops_are_numbered_as_they_stand_and_are_left_in_any_way() -> None:
    source = """
for i in range(2):
    for j in range(3):
        if j == 1:
            break
def f():
    while True:
        return
f()
try:
    for k in [1]:
        1 / 0
except ZeroDivisionError:
    pass
"""
    assert turns_of(run(source)[0]) == [
        ("turn", 1), ("turn", 2), ("turn", 2), ("leave", 2),
        ("turn", 1), ("turn", 2), ("turn", 2), ("leave", 2), ("leave", 1),
        ("turn", 3), ("leave", 3),
        ("turn", 4), ("leave", 4),
    ]  # fmt: skip


def test_an_error_of_the_program_is_told_once_with_its_innermost_line_and_handed_back() -> None:
    source = """def f(x):
    y = 1
    return y / x

f(0)
"""
    heard, error = run(source)
    assert isinstance(error, ZeroDivisionError)
    assert heard.of("raised") == [(3, error)]


def test_deep_recursion_is_an_error_of_the_program() -> None:
    assert isinstance(run("def f(): return f()\nf()")[1], RecursionError)
    assert isinstance(run("f = lambda g: g(g)\nf(f)")[1], RecursionError)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("print(1, 'a', None, sep='-', end='!')", "1-a-None!"),
        ("print()", ""),
        ("x = 3.14159\nprint(f'{x:.2f} {x!r:>10} {x=}')", "3.14    3.14159 x=3.14159"),
        ("w = 8\nprint(f'{1.5:{w}.2f}|')", "    1.50|"),
        ("print('{:>4}|{a!r}'.format(1, a='b'))", "   1|'b'"),
        ("print('%d %5.2f %s' % (1, 2, 'x'))", "1  2.00 x"),
        ("print('%(a)s' % {'a': 1})", "1"),
        ("print([k ** 2 for k in range(4) if k], {k: v for k, v in zip('ab', [1, 2])}, {1})", "[1, 4, 9] {'a': 1, 'b': 2} {1}"),
        ("print(sum(k for k in range(5)), max([1, 3]), min(2, 1), sorted([2, 1], reverse=True))", "10 3 1 [2, 1]"),
        ("print(list(enumerate('ab', 1)), list(map(str, [1])), list(filter(None, [0, 1])))", "[(1, 'a'), (2, 'b')] ['1'] [1]"),
        ("print(isinstance(1, int), isinstance('', (str, dict)), type(1) is int, type('') is str, type({}) == dict)", "True True True True True"),
        ("def f(a, *b, c=1, **d): return a, b, c, d\nprint(f(1, 2, c=3, e=4))", "(1, (2,), 3, {'e': 4})"),
        ("def f(x: 'Tensor', y: List[int] = 1) -> Any: return y\nprint(f(0))", "1"),
        ("n = 0\ndef f():\n    global n\n    n += 1\nf()\nprint(n)", "1"),
        ("def f():\n    n = 0\n    def g():\n        nonlocal n\n        n += 1\n    g()\n    return n\nprint(f())", "1"),
        ("if (n := 3) > 2: print(n)", "3"),
        ("if __name__ == '__main__': print('main')", "main"),
        ("x = 1\ndel x\ntry:\n    x\nexcept NameError as e:\n    print('gone')", "gone"),
        ("try:\n    [][1]\nexcept (KeyError, IndexError) as e:\n    print(e, e.args)\nelse:\n    pass\nfinally:\n    print('done')",
         "list index out of range ('list index out of range',)\ndone"),
        ("import math\nprint(math.sqrt(4), math.pi, math.factorial(5))", "2.0 3.141592653589793 120"),
        ("import numpy as np\nx = np.linspace(0, 1, 3)\nprint(x, x.mean(), np.exp(0.0), x.astype(np.int64))", "[0.  0.5 1. ] 0.5 1.0 [0 0 1]"),
        ("import numpy as np\nnp.random.seed(0)\nprint(round(np.random.rand(), 4))", "0.5488"),
        ("a = b = [1]\na += [2]\nprint(b, a is b)", "[1, 2] True"),
        ("d = {}\nd['a'] = 1\nd['a'] += 2\nprint(d.get('a'), d.get('b', 0), 'a' in d, list(d.items()))", "3 0 True [('a', 3)]"),
        ("print('a,b'.split(','), '-'.join(['x', 'y']), 'abc'.upper().replace('A', 'z'))", "['a', 'b'] x-y zBC"),
        ("max = 3\nprint(max)", "3"),
        ("class A:\n    def __repr__(self): return 'r'\n    __str__ = __repr__\nprint(A(), [A()])", "r [r]"),
        ("print(getattr('a', 'upper')(), hasattr('a', 'nothing'), getattr(1, 'nothing', 7))", "A False 7"),
        ("assert 1 == 1, 'no'\nlambda_ = (lambda x, y=2: x + y)(1)\nprint(lambda_)", "3"),
        ("print(round(2.567, 1), abs(-1), divmod(7, 2), pow(2, 3), pow(2, 3, 5), 7 % 4, 2 ** 10, 1 << 3)", "2.6 1 (3, 1) 8 3 3 1024 8"),
        ("x = [3, 1, 2]\nx.sort()\nx.extend(k for k in [4])\nprint(x, x.index(2), x[::-1], x[-1:])", "[1, 2, 3, 4] 1 [4, 3, 2, 1] [4]"),
    ],
)  # fmt: skip
def test_plain_python_does_what_it_does(source: str, text: str) -> None:
    assert printed(source) == text


def test_classes_have_methods_properties_and_private_attributes() -> None:
    source = """
class Base:
    count = 0
    def __init__(self, value):
        super().__init__()
        self._value = value
        self.note = None
        Base.count += 1
    @property
    def value(self):
        return self._value
    @value.setter
    def value(self, value):
        self._value = value
    @staticmethod
    def twice(x):
        return 2 * x
    @classmethod
    def make(cls):
        return cls(5)
    def _hidden(self):
        return self._value
    def __repr__(self):
        return f"{self.__class__.__name__}({self._hidden()})"
class Derived(Base):
    def __init__(self, value):
        super(Derived, self).__init__(value)
    def __len__(self):
        return 3
    def __getitem__(self, i):
        return i
d = Derived.make()
d.value = 7
d.value += 1
print(d, len(d), d[4], Base.twice(2), Base.count, isinstance(d, Base), d._value)
"""
    assert printed(source) == "Derived(8) 3 4 4 1 True 8"


def test_a_module_of_the_program_is_derived_from_torchs() -> None:
    source = """
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import nn as other
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = 2
    def forward(self, x):
        return F.relu(x) * self.scale
net = Net()
print(net(-3), net.training, other is nn)
@torch.no_grad()
def f():
    return 1
print(f())
"""
    assert printed(source) == "6 True True\n1"


def test_plots_become_events_with_arrays_of_their_own() -> None:
    source = """
import torch
import matplotlib.pyplot as plt
x = torch.zeros(3)
plt.figure(figsize=(4, 3))
plt.plot(x, [1, 2, 3], "r-", label="line", alpha=0.5)
fig, (left, right) = plt.subplots(1, 2)
left.scatter([1], [2])
right.set_title("t")
plt.legend(["a", "b"])
plt.show()
"""
    heard, error = run(source)
    assert error is None
    plots: list[Any] = [
        (call, [s.tolist() for s in series], options) for _, call, series, options in heard.of("plotted")
    ]
    assert plots == [
        ("figure", [], ()),
        ("plot", [[0, 0, 0], [1, 2, 3]], (("text", "r-"), ("label", "line"), ("alpha", 0.5))),
        ("figure", [], ()),
        ("scatter", [[1], [2]], ()),
        ("title", [], (("text", "t"),)),
        ("legend", [], (("labels", "a, b"),)),
        ("show", [], ()),
    ]


def test_a_program_can_be_cancelled() -> None:
    looks: list[int] = []

    def cancelled() -> bool:
        looks.append(1)
        return len(looks) > 2

    with pytest.raises(Cancelled):
        run("while True: pass", cancelled, events=1 << 40)
