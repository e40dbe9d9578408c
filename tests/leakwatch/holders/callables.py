"""Functions, callables and what stops in the middle, as hostile holders."""

import contextlib
import functools
import types
import weakref

from tests.leakwatch.guest.hostile import Hostile, trap
from tests.leakwatch.holders import (
    UNDO,
    Callback,
    HostileDict,
    HostileList,
    HostileStr,
    Plain,
    hostile,
)

HostilePartial = hostile(functools.partial)
HostileRef = hostile(weakref.ref)
HostileFinalize = hostile(weakref.finalize)
HostileExitStack = hostile(contextlib.ExitStack)
HostileError = hostile(Exception)
HostileGroup = hostile(ExceptionGroup)
HostileDispatch = hostile(functools.singledispatchmethod)


def partial_of_a_hostile_class(held):
    return HostilePartial(Callback(None), held)


def partial_with_hostile_keywords(held):
    return functools.partial(print, **HostileDict({HostileStr("held"): held, "n": Hostile()}))


def partial_with_hostile_attributes(held):
    found = functools.partial(Callback(None))
    vars(found)[HostileStr("held")] = held
    return found


def single_dispatch(held):
    found = functools.singledispatch(print)
    found.register(Plain, Callback(held))
    return found


def dispatching_method(held):
    found = object.__new__(HostileDispatch)
    vars(found).update({"dispatcher": Callback(held), HostileStr("func"): print})
    return type("Dispatching", (), {"method": found})


def cached_function(held):
    @functools.lru_cache
    def cached(key, **options):
        return held

    cached(Hostile(), option=Hostile())
    return cached


def function_with_hostile_names(held):
    def function():
        return held

    function.__name__ = function.__qualname__ = HostileStr("named")
    function.__module__ = HostileStr("shop")
    function.__doc__ = HostileStr("words")
    return function


def function_with_hostile_code(held):
    def function():
        return held

    names = dict.fromkeys(("co_name", "co_qualname", "co_filename"), HostileStr("coded"))
    function.__code__ = function.__code__.replace(**names)
    return function


def function_whose_module_is_no_string(held):
    def function():
        return held

    function.__module__ = Hostile()
    function.__doc__ = Hostile()
    return function


def hostile_default(held):
    def function(one=held):
        pass

    return function


def hostile_keyword_defaults(held):
    def function(*, one=None):
        pass

    function.__kwdefaults__ = {HostileStr("one"): held, Hostile(): 1}
    return function


def hostile_defaults_of_a_subclass(held):
    def function(*, one=None):
        pass

    function.__kwdefaults__ = HostileDict(one=held)
    function.__annotations__ = HostileDict(one=Hostile())
    return function


def hostile_globals(held):
    return types.FunctionType((lambda: 1).__code__, HostileDict(held=held))


def globals_with_hostile_keys(held):
    scope = {HostileStr("__name__"): HostileStr("shop"), HostileStr("held"): held}
    return types.FunctionType((lambda: 1).__code__, scope)


def attribute_of_a_function(held):
    def function():
        pass

    vars(function).update({HostileStr("held"): held, HostileStr("__wrapped__"): Hostile()})
    return function


def wrapped_function(held):
    @functools.wraps(print)
    def function():
        pass

    function.__wrapped__ = Callback(held)
    return function


def closure_over_a_hostile_object(held):
    other = Callback(held)
    return lambda: other


def method_of_a_hostile_object(held):
    return types.MethodType(trap("method", None), held)


def hostile_method(held):
    return types.MethodType(Callback(held), Hostile())


def method_of_c(held):
    return HostileList([held]).__class__ and list.__iter__(HostileList([held])).__next__


def hostile_exit_stack(held):
    found = HostileExitStack()
    contextlib.ExitStack.callback(found, Callback(held))
    return found


def callback_of_a_weak_reference(held):
    found = Plain()
    return [found, HostileRef(found, Callback(held))]


def finalizer(held):
    found = Plain()
    UNDO.callback(weakref.finalize(found, Callback(held), Hostile()).detach)
    return found


def finalizer_of_a_subclass(held):
    found = Plain()
    finalizer = object.__new__(HostileFinalize)
    weakref.finalize.__init__(finalizer, found, id, held)
    UNDO.callback(weakref.finalize._registry.clear)
    return found


def raised(error):
    try:
        raise error
    except BaseException as caught:
        return caught


def arguments_of_an_exception(held):
    return raised(HostileError(Hostile(), held))


def notes_of_an_exception(held):
    found = HostileError("words")
    BaseException.__setattr__(found, "__notes__", HostileList([held]))
    return found


def frame_of_an_exception(held):
    return raised(HostileError("words"))


def exception_group(held):
    return HostileGroup("words", [HostileError(held)])


def cause_of_an_exception(held):
    found = HostileError("words")
    BaseException.__dict__["__cause__"].__set__(found, HostileError(held))
    return found


def attribute_of_an_exception(held):
    found = HostileError(HostileStr("words"))
    object.__setattr__(found, "held", held)
    return found


def generator_with_hostile_names(held):
    def generate():
        local = held
        yield local

    found = generate()
    found.__name__ = found.__qualname__ = HostileStr("named")
    next(found)
    return found


def generator_with_hostile_code(held):
    def generate():
        yield held

    code = generate.__code__.replace(co_name=HostileStr("coded"), co_qualname=HostileStr("coded"))
    generate.__code__ = code
    found = generate()
    next(found)
    return found


def generator_that_delegates(held):
    def generate():
        yield from found

    def inner():
        yield held

    found = inner()
    outer = generate()
    next(outer)
    return outer


def coroutine_with_hostile_names(held):
    async def work():
        await wait(held)

    @types.coroutine
    def wait(local):
        yield

    found = work()
    found.__name__ = found.__qualname__ = HostileStr("named")
    found.send(None)
    return found


def coroutine_that_awaits_a_hostile_object(held):
    class Awaited(Plain):
        def __await__(self):
            found = HostileIterator()
            object.__setattr__(found, "held", held)
            return found

    class HostileIterator:
        __next__ = trap("__next__", lambda self: None)
        __iter__ = trap("__iter__", lambda self: self)
        __getattribute__ = trap("__getattribute__", object.__getattribute__)

    async def work():
        await Awaited()

    found = work()
    found.send(None)
    return found


def asynchronous_generator(held):
    async def generate():
        local = held
        yield local

    found = generate()
    found.__name__ = found.__qualname__ = HostileStr("named")
    with contextlib.suppress(StopIteration):
        found.__anext__().send(None)
    return found


def context_manager_of_a_generator(held):
    @contextlib.contextmanager
    def manage():
        yield held

    found = manage()
    found.__enter__()
    found.gen.__qualname__ = HostileStr("named")
    vars(found)[HostileStr("func")] = Hostile()
    return found
