"""Side-by-side benchmarks: the command is tests/bench/run.

    sides.py    the competitors and ours: started on free ports with the same data
    measure.py  CPU and memory of all processes of a side, the generators of load
    benches.py  THE table of benches"""
