"""Programs that would never end, or fill the memory: each is stopped by its budget or by a bound on one operation."""

# ruff: noqa: E501  (a program of several lines is one line of a table)

import sys
import threading

import pytest
from gradb.scenario.program import Budget, BudgetExceeded, Program, Refused
from programs import FILE, Heard, run, torch_stub

MEMORY = 64 << 20

ENDLESS = {
    "an endless loop": "while True: pass",
    "an endless loop in a function": "def f():\n    while True: pass\nf()",
    "a long comprehension": "x = [0 for i in range(10 ** 6) for j in range(10 ** 6) if False]",
    "a long generator expression": "sum(0 for i in range(10 ** 6) for j in range(10 ** 6))",
    "functions that call each other many times over": "def f(n): return n and f(n - 1) + f(n - 1)\nf(60)",
    "lambdas that call each other many times over": "f = lambda n: n and f(n - 1) + f(n - 1)\nf(60)",
    "an iterator that never ends": "class A:\n    def __iter__(self): return self\n    def __next__(self): return 1\n"
    "sum(A())",
    "an endless map": "class A:\n    def __iter__(self): return self\n    def __next__(self): return 0\nany(map(bool, A()))",
    "an endless loop in a finally": "try:\n    while True: pass\nfinally:\n    while True: pass",
    "a loop that catches every exception": "while True:\n    try:\n        while True: pass\n    except Exception: pass",
    "a context manager that swallows errors": "class A:\n    def __enter__(self): pass\n"
    "    def __exit__(self, *a): return True\nwhile True:\n    with A():\n        while True: pass",
    "an error that replaces the signal": "while True:\n    try:\n        try:\n            while True: pass\n"
    "        finally:\n            1 / 0\n    except ZeroDivisionError: pass",
    "an error whose text never ends": "class E(Exception):\n    def __str__(self):\n        while True: pass\nraise E()",
    "an object whose text never ends": "class A:\n    def __repr__(self):\n        while True: pass\nprint([A()])",
}  # fmt: skip

TOO_LARGE = {
    "a power": "10 ** 10 ** 10",
    "a power by pow": "pow(10, 10 ** 10)",
    "a power in place": "x = 10\nx **= 10 ** 10",
    "a shift": "1 << 10 ** 10",
    "a shift of a truth value": "True << 10 ** 10",
    "a product of numbers": "x = 3\nwhile True: x = x * x",
    "a product of numbers in place": "x = 3\nwhile True: x *= x",
    "a number in hexadecimal": "x = int('f' * 10 ** 6, 16)\nx % 7",
    "a rounded number": "round(5, -10 ** 9)",
    "a factorial": "import math\nmath.factorial(10 ** 9)",
    "a repeated text": "'a' * 10 ** 10",
    "a repeated list": "[0] * 10 ** 10",
    "a repeated tuple": "10 ** 10 * (0,)",
    "a repeated list in place": "x = [0]\nx *= 10 ** 10",
    "a doubled list": "x = [0]\nwhile True: x = x + x",
    "a doubled text": "x = 'a'\nwhile True: x += x",
    "a doubled f-string": "x = 'a'\nwhile True: x = f'{x}{x}'",
    "a doubled format": "x = 'a'\nwhile True: x = '{0}{0}'.format(x)",
    "a doubled replacement": "x = 'a'\nwhile True: x = x.replace('a', 'aa')",
    "a joined text": "','.join(['a' * 10 ** 6] * 10 ** 6)",
    "a doubled percent format": "x = 'a'\nwhile True: x = '%(x)s%(x)s' % {'x': x}",
    "a width in an f-string": "f'{1:1000000000}'",
    "a computed width in an f-string": "n = 10 ** 9\nf'{1:{n}}'",
    "a precision in an f-string": "f'{1:.1000000000f}'",
    "a width in a format": "'{:1000000000}'.format(1)",
    "a width in the builtin format": "format(1, '1000000000')",
    "a width in a percent format": "'%1000000000d' % 1",
    "an argument as width in a percent format": "'%*d' % (10 ** 9, 1)",
    "a padded text": "'a'.rjust(10 ** 10)",
    "a range": "range(10 ** 12)",
    "a sum over a range": "sum(range(10 ** 12))",
    "a list of lists of lists": "x = [1]\nfor i in range(60): x = [x, x]\nprint(x)",
    "two lists of lists of lists compared": "def f():\n    x = [1]\n    for i in range(60): x = [x, x]\n    return x\nf() == f()",
    "a tuple of tuples as a key": "x = (1,)\nfor i in range(60): x = (x, x)\nd = {x: 1}",
    "a tuple of tuples as an index": "x = (1,)\nd = {}\nfor i in range(60): x = (x, x)\nd[x]",
    "a tuple of tuples in a set": "x = (1,)\nfor i in range(60): x = (x, x)\nset([x])",
    "a tuple of tuples looked up": "x = (1,)\nfor i in range(60): x = (x, x)\n{}.get(x)",
    "a tuple nested deeply": "x = ()\nfor i in range(100000): x = (x,)\n{x}",
    "a list of lists in an error": "x = [1]\nfor i in range(60): x = [x, x]\nraise ValueError(x)",
    "a sorted list of lists": "x = [1]\nfor i in range(60): x = [x, x]\nsorted([x, x])",
    "lists of lists from a generator compared by max": "def f():\n    x = [1]\n    for i in range(60): x = [x, x]\n    return x\nmax(f() for i in range(2))",
    "lists of lists as keys of sorted": "def f():\n    x = [1]\n    for i in range(60): x = [x, x]\n    return x\nsorted([1, 2], key=lambda n: f())",
    "lists of lists as keys of a list's sort": "def f():\n    x = [1]\n    for i in range(60): x = [x, x]\n    return x\n[1, 2].sort(key=lambda n: f())",
    "a tuple of tuples hashed by the view of a dictionary": "x = (1,)\nfor i in range(60): x = (x, x)\n{}.keys() | [x]",
    "a tuple of tuples hashed by a view on the right": "x = (1,)\nfor i in range(60): x = (x, x)\n{1} - {0: x}.items()",
    "a type of types of types as a key": "x = int\nfor i in range(100000): x = list[x] | None\n{x: 1}",
    "a text looked for from the right": "('a' * 10 ** 7).rfind('ab' + 'a' * 10 ** 6)",
    "a text split from the right": "('a' * 10 ** 7).rsplit('ab' + 'a' * 10 ** 6)",
    "many characters stripped": "('a' * 10 ** 7).strip('b' * 10 ** 6 + 'a')",
    "a long text that may start with many": "('a' * 10 ** 6).startswith(('a' * 10 ** 5 + 'b' + 'a' * 10 ** 5,) * 10 ** 5)",
    "a power with a modulus": "x = (1 << 65000) + 1\npow(x, x, x + 2)",
    "a product of large numbers in numpy": "import numpy as np\nnp.prod([10 ** 4000] * 1000)",
    "views of numpy that stand for too much": "import numpy as np\nnp.meshgrid(np.zeros(10 ** 6), np.zeros(10 ** 6), copy=False)",
    "a view of a tensor that stands for too much": "import torch\ntorch.zeros(1).expand(10 ** 12)",
    "a product of arrays of whole numbers": "import numpy as np\nx = np.ones((2000, 2000), dtype=np.int64)\nx @ x",
    "a product of arrays of whole numbers by dot": "import numpy as np\nx = np.ones((2000, 2000), dtype=np.int64)\nx.dot(x)",
    "a product of arrays of whole numbers by np.matmul": "import numpy as np\nx = np.ones((2000, 2000), dtype=np.int64)\nnp.matmul(x, x)",
    "an array of lists of lists": "import numpy as np\nx = [1]\nfor i in range(30): x = [x, x]\nnp.array(x)",
}  # fmt: skip


@pytest.mark.parametrize("name", ENDLESS)
def test_the_clock_ends(name: str) -> None:
    with pytest.raises(BudgetExceeded) as stopped:
        run(ENDLESS[name], seconds=0.2, events=1 << 40)
    assert stopped.value.limit == "seconds"


@pytest.mark.parametrize("name", TOO_LARGE)
def test_the_bounds_refuse(name: str) -> None:
    with pytest.raises(Refused):
        run(TOO_LARGE[name])


@pytest.mark.parametrize(
    "source",
    [
        "import torch\ntorch.zeros(10 ** 6, 10 ** 6)",
        "import torch\ntorch.zeros(10 ** 12)",
        "import numpy as np\nnp.ones((10 ** 6, 10 ** 6))",
        "import numpy as np\nnp.arange(10 ** 12)",
        "import numpy as np\nnp.linspace(0, 1, 10 ** 12)",
        "while True: print('a' * 1000000)",
    ],
)
def test_a_request_for_too_much_memory_is_refused_at_once(source: str) -> None:
    with pytest.raises(BudgetExceeded) as stopped:
        run(source, bytes=MEMORY)
    assert stopped.value.limit == "bytes"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says how much memory a process uses")
def test_memory_that_grows_little_by_little_is_noticed() -> None:
    with pytest.raises(BudgetExceeded) as stopped:
        run("x = []\nwhile True: x.append([0] * 10000)", bytes=MEMORY, events=1 << 40)
    assert stopped.value.limit == "bytes"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of a process")
def test_one_large_allocation_fails_and_counts_as_memory() -> None:
    source = "import numpy as np\nx = np.ones(3000)\nwhile True: x = np.outer(x, x)"
    with pytest.raises(BudgetExceeded) as stopped:
        run(source, bytes=MEMORY)
    assert stopped.value.limit == "bytes"


def test_a_chain_of_generators_ends_as_an_error_of_the_program() -> None:
    source = "it = iter([1])\nfor i in range(100000): it = (x for x in it)\nnext(it)"
    assert isinstance(run(source)[1], RecursionError)


def test_events_are_counted() -> None:
    with pytest.raises(BudgetExceeded) as stopped:
        run("while True:\n    print(1)", events=100)
    assert (stopped.value.limit, stopped.value.value) == ("events", 100)
    assert str(stopped.value).splitlines() == [
        f"{FILE}:{stopped.value.where.partition(':')[2]}: the program needs more than 100 events",
        "  allowed: 100 events; `limits:` in the file can lower this",
        "  to do: make the program smaller, or raise the limit on the command line with --max-events",
    ]


def test_events_are_counted_where_nothing_loops() -> None:
    with pytest.raises(BudgetExceeded):
        run("print(1)\n" * 20, events=10)


def test_the_line_that_ran_is_named() -> None:
    with pytest.raises(BudgetExceeded) as stopped:
        run("x = 1\n\nwhile True:\n    pass", events=50)
    assert stopped.value.line in (3, 4)
    assert stopped.value.where == f"{FILE}:{10 + stopped.value.line}"


def test_nothing_is_left_behind_when_a_program_was_stopped() -> None:
    before = threading.active_count()
    limits_before = _limits()
    for _ in range(3):
        with pytest.raises(BudgetExceeded):
            run("try:\n    while True: pass\nfinally:\n    x = [i for i in range(1000)]", seconds=0.05, events=1 << 40)
        assert threading.active_count() == before
    assert _limits() == limits_before
    total = 0
    for i in range(300_000):  # a signal that was still on its way would arrive here
        total += i
    assert total


def test_many_short_programs_are_never_stopped() -> None:
    for _ in range(200):
        assert run("x = 1")[1] is None


def test_a_program_runs_in_a_thread_too() -> None:
    results: list[object] = []

    def work() -> None:
        try:
            Program("while True: pass", FILE).run(Heard(), Budget(1 << 40, 0.1), {"torch": torch_stub()})
        except BudgetExceeded as error:
            results.append(error.limit)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert results == ["seconds"]


def _limits() -> object:
    try:
        import resource
    except ImportError:
        return None
    return resource.getrlimit(resource.RLIMIT_AS), resource.getrlimit(resource.RLIMIT_CPU)
