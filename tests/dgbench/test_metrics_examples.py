"""Every public function of the metrics has an example, and each example gives what it says."""

import doctest
import importlib
import inspect
import pkgutil

import pytest

import dgbench.metrics

MODULES = sorted(
    module.name for module in pkgutil.iter_modules(dgbench.metrics.__path__, "dgbench.metrics.")
)


def public_functions(module):
    """The functions of a module and the constructors of its classes, by their names."""
    for name, thing in vars(module).items():
        is_own = getattr(thing, "__module__", None) == module.__name__
        if not is_own or name.startswith("_"):
            continue
        if inspect.isfunction(thing):
            yield name, thing
        elif inspect.isclass(thing):
            for method, function in vars(thing).items():
                if isinstance(function, classmethod) and not method.startswith("_"):
                    yield f"{name}.{method}", function.__func__


@pytest.mark.parametrize("name", MODULES)
def test_examples_give_the_expected_results(name):
    results = doctest.testmod(importlib.import_module(name), report=False)
    assert results.failed == 0


def test_every_public_function_has_an_example():
    functions = {
        f"{name}.{function}": public
        for name in MODULES
        for function, public in public_functions(importlib.import_module(name))
    }
    assert len(functions) > 20
    without = [name for name, function in functions.items() if ">>> " not in function.__doc__]
    assert without == []


def test_an_example_that_is_wrong_is_noticed():
    def half(n):
        """Halve a number.

        Example:
            >>> half(3)
            2.0
        """
        return n / 2

    (test,) = doctest.DocTestFinder().find(half, globs={"half": half})
    assert doctest.DocTestRunner(verbose=False).run(test, out=lambda _: None).failed == 1
