"""With-statements of things that are started and ended.

    class Stack(Lived):    has start(), end(failed)
    class Clients(Crowd):  has threads, which go on until self.ending is set"""

import threading


class Lived:
    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.end(failed=True)
            raise
        return self

    def __exit__(self, kind, value, trace):
        self.end(failed=kind is not None)


class Crowd:
    def __init__(self, works):
        """works: functions, each for a thread of its own"""
        self.ending = threading.Event()
        self.threads = [threading.Thread(target=work) for work in works]

    def __enter__(self):
        for t in self.threads:
            t.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        for t in self.threads:
            t.join()
