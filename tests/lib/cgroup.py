"""A control group of one's own (version 1), to take the processor away from a process: no
load of the machine decides then how much it gets.

    with Group('freezer', [pid]) as g:
        g.write('freezer.state', 'FROZEN')
        ...

At the end its processes are back where they were. Skips where there is no such thing."""

import os
import uuid

from lib.wait import Skip, wait_until

ROOT = '/sys/fs/cgroup'


class Group:
    def __init__(self, controller, pids):
        self.parent = os.path.join(ROOT, controller)
        self.folder = os.path.join(self.parent, f'onebox-test-{uuid.uuid4().hex[:12]}')
        self.pids = pids

    def __enter__(self):
        try:
            os.mkdir(self.folder)
        except OSError as e:
            raise Skip(f'no control group can be made: {e}') from e
        try:
            for pid in self.pids:
                self.write('cgroup.procs', str(pid))
        except OSError:
            self.__exit__()
            raise
        return self

    def write(self, name, value):
        with open(os.path.join(self.folder, name), 'w') as f:
            f.write(value)

    def is_removed(self):
        """The dead stay in it until they were reaped."""
        with open(os.path.join(self.folder, 'cgroup.procs')) as f:
            for pid in f.read().split():
                try:
                    with open(os.path.join(self.parent, 'cgroup.procs'), 'w') as back:
                        back.write(pid)
                except OSError:
                    pass
        try:
            os.rmdir(self.folder)
        except OSError:
            return False
        return True

    def __exit__(self, *_):
        wait_until(self.is_removed, 20, 'the control group to be empty')
