"""Waiting for conditions."""

import time


class Skip(Exception):
    """Raised by a test that cannot be run here; the reason is shown."""


def wait_until(condition, seconds=10, what=None, every=0.005):
    """Returns the first true value of condition(). An exception that it raises at the
    end, or AssertionError naming what was waited for, when the time is up."""
    end = time.monotonic() + seconds
    while True:
        error = None
        try:
            value = condition()
            if value:
                return value
        except (AssertionError, OSError, ValueError, LookupError) as e:
            error = e
        if time.monotonic() >= end:
            name = what or getattr(condition, '__name__', 'the condition')
            raise AssertionError(f'waited {seconds} s in vain for {name}'
                                 + (f': {error!r}' if error else '')) from error
        time.sleep(every)
