"""Where things are, and the environment that programs under test run in."""

import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get('BUILD') or os.path.join(ROOT, 'build', 'cc-plain'))
MARK = 'ONEBOX_TEST'  # its value tells whose a process is, whatever its parent


def sanitizer_env(base=None):
    """A report of a sanitizer ends the program with a code of its own, so that it cannot
    pass unseen; the caller's settings come last and win."""
    env = dict(os.environ if base is None else base)
    lint = os.path.join(ROOT, 'tests', 'lint')
    defaults = {
        'ASAN_OPTIONS': 'exitcode=99:detect_leaks=1:detect_stack_use_after_return=1:'
                        'strict_string_checks=1',
        'UBSAN_OPTIONS': 'halt_on_error=1:print_stacktrace=1:exitcode=99',
        'TSAN_OPTIONS': f'exitcode=99:halt_on_error=1:suppressions={lint}/tsan',
        'LSAN_OPTIONS': f'print_suppressions=0:suppressions={lint}/lsan',
    }
    for name, value in defaults.items():
        env[name] = value + (':' + env[name] if env.get(name) else '')
    return env
