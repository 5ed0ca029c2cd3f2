"""Logs: lines of `time daemon.slot[pid] level event key=value ...`."""

import os
import re

LINE = re.compile(r'^(?P<time>\S+Z) (?P<daemon>[a-z]+)(?:\.(?P<slot>\d+))?\[(?P<pid>\d+)\] '
                  r'(?P<level>error|warn|info|debug) (?P<event>\S+) ?(?P<rest>.*)$')
PAIR = re.compile(r'([a-z_0-9]+)=(?:"([^"]*)"|(\S*))')
SANITIZER = re.compile(r'ERROR: (Address|Leak)Sanitizer|runtime error:|WARNING: ThreadSanitizer')


class Line:
    def __init__(self, text):
        m = LINE.match(text)
        self.text = text
        self.daemon, self.level, self.event = (m['daemon'], m['level'], m['event']) if m \
            else (None, None, None)
        self.slot = int(m['slot']) if m and m['slot'] else None
        self.pid = int(m['pid']) if m else None
        self.values = {k: a or b for k, a, b in PAIR.findall(m['rest'])} if m else {}

    def __repr__(self):
        return self.text


class Logs:
    """The logs of one stack or daemon: files NAME.log in a folder."""

    def __init__(self, folder):
        self.folder = folder

    def text(self, name):
        try:
            with open(os.path.join(self.folder, name + '.log'), errors='replace') as f:
                return f.read()
        except FileNotFoundError:
            return ''

    def lines(self, name, event=None, **values):
        """Lines of that event with all those values."""
        found = (Line(x) for x in self.text(name).splitlines())
        return [x for x in found if (event is None or x.event == event)
                and all(x.values.get(k) == str(v) for k, v in values.items())]

    def names(self):
        try:
            return sorted(x[:-4] for x in os.listdir(self.folder) if x.endswith('.log'))
        except FileNotFoundError:
            return []

    def unexpected(self, expect=()):
        """Reports of sanitizers, and error lines that no pattern of `expect` matches."""
        bad = []
        for name in self.names():
            if name in ('access', 'mariadb'):
                continue
            for text in self.text(name).splitlines():
                if SANITIZER.search(text) or (
                        Line(text).level == 'error'
                        and not any(re.search(p, text) for p in expect)):
                    bad.append(f'{name}.log: {text}')
        return bad

    def show(self, lines=40):
        for name in self.names():
            tail = self.text(name).splitlines()[-lines:]
            print(f'---- {name}.log, last {len(tail)} lines')
            for text in tail:
                print(text)
