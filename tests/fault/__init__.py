"""Faults and what watches for their effects: probes.py asks without pause, ledger.py
remembers what was acknowledged, schedule.py breaks things by a seed. The command is
tests/fault/chaos; flow tests import the parts (from fault.probes import Probes)."""
