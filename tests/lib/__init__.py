"""What the tests share. A flow test needs: from lib import World, wait_until, ..."""
