"""Deaths, hangs and rolls under load by a fixed seed; tests/fault/chaos does more of it for
longer. And that the checkers notice what they are there for."""

import os
import subprocess

from lib import ROOT, World
from lib.wait import wait_until

from fault.ledger import Ledger
from fault.probes import Probes
from fault.schedule import Schedule

SECONDS = 120
TWO = {'dnsd': 2, 'webd': 2, 'appd': 2, 'dbproxy': 2}


def chaos(*args):
    done = subprocess.run([os.path.join(ROOT, 'tests', 'fault', 'chaos'), *args],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    assert done.returncode == 0, done.stdout
    print(done.stdout)


def test_deaths_of_the_inner_daemons_go_unnoticed():
    with World(instances=TWO, expect=['error ']) as w:
        ledger = Ledger(w)
        schedule = Schedule(11, 8, ['appd', 'dbproxy'], ['kill'], every=1)
        with Probes(w, ['http_new', 'http_kept'], 50,
                    {'write': ledger.writer}) as probes:
            schedule.run(w, probes)
        print(probes.report(), ledger.report(), sep='\n')
        assert probes.failed() == [], probes.report()
        assert ledger.problems() == []
        assert probes.asked() > 300, probes.report()


def test_a_death_of_the_database_is_waited_out():
    with World(instances=TWO, expect=['error ']) as w:
        ledger = Ledger(w)
        with Probes(w, ['http_new'], 50, {'write': ledger.writer}) as probes:
            Schedule(5, 5, ['mariadb'], ['kill'], every=2).run(w, probes)
        print(probes.report(), ledger.report(), sep='\n')
        assert probes.failed() == [], probes.report()
        assert ledger.problems() == []


def test_a_death_of_a_dnsd_costs_one_answer_at_most():
    with World(instances={**TWO, 'webd': 0, 'appd': 0, 'dbproxy': 0}, expect=['error ']) as w:
        schedule = Schedule(3, 5, ['dnsd'], ['kill'], every=1)
        with Probes(w, ['dns_udp', 'dns_tcp'], 100) as probes:
            schedule.run(w, probes)
        assert len(probes.failed()) <= len(schedule.steps), probes.report()


def test_the_ledger_notices_what_is_lost_and_what_is_there_twice():
    with World() as w:
        ledger = Ledger(w)
        with Probes(w, [], 40, {'write': ledger.writer}):
            wait_until(lambda: len(ledger.acknowledged()) >= 10)
        assert ledger.problems() == []
        stored = ledger.stored
        some = ledger.acknowledged()[3]
        ledger.stored = lambda: [x for x in stored() if x != some]
        assert ledger.problems() == [f'lost: {some}']
        ledger.stored = lambda: stored() + [some]
        assert ledger.problems() == [f'twice: {some}']


def test_a_probe_notices_a_site_that_is_gone():
    with World(instances={'dnsd': 1, 'webd': 1, 'appd': 0, 'dbproxy': 0}) as w:
        w.stop()
        with Probes(w, rate=20) as probes:
            pass  # each lane asks once at least
        assert {kind for _, kind, _ in probes.failed()} == set(probes.results), probes.report()


def test_the_same_seed_gives_the_same_schedule():
    assert str(Schedule(4, 60)) == str(Schedule(4, 60)) != str(Schedule(5, 60))


def long_chaos_of_a_minute():
    chaos('--seed', '1', '--minutes', '1')


def long_chaos_of_another_minute():
    chaos('--seed', '2', '--minutes', '1')
