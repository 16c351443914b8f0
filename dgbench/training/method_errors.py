"""Attribution of errors to the method's own code, which its author has to mend."""

import inspect
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data_gen.foundation.errors import DGBenchError
from dgbench.training.errors import MethodError


@contextmanager
def attributed_to(cls: type) -> Iterator[None]:
    """Turn an exception from the code of `cls` into a MethodError that names the line."""
    try:
        yield
    except DGBenchError:
        raise
    except Exception as error:
        frame = _last_frame_in(cls, error)
        if frame is None:
            raise
        text = " ".join(str(error).split()).rstrip(".")
        raise MethodError(
            f"{cls.__name__} raised {type(error).__name__}{': ' + text if text else ''}, in line "
            f"{frame.lineno} of {Path(frame.filename).name} ({frame.name}). `dgbench --debug` "
            "shows the traceback."
        ) from error


def _last_frame_in(cls: type, error: Exception) -> traceback.FrameSummary | None:
    source = inspect.getsourcefile(cls)
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if source and Path(frame.filename) == Path(source)]
    return own[-1] if own else None
