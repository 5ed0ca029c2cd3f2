"""What the flow tests share.

    from lib import World, wait_until

    def test_a_page_is_served():
        with World() as w:
            assert w.http.get('/').status == 200

World is a whole stack of its own (world.py), Daemon one daemon without the rest
(daemon.py). Nothing here sleeps for luck: everything waits for a condition."""

from lib.daemon import Daemon
from lib.env import BUILD, ROOT
from lib.proc import kill, process_alive
from lib.wait import Skip, wait_until
from lib.world import World

__all__ = ['BUILD', 'Daemon', 'ROOT', 'Skip', 'World', 'kill', 'process_alive', 'wait_until']
