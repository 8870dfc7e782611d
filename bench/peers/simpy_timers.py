"""10,000 processes, each with a periodic timer of its own period, as bench/workloads/timers.ts has them.

Argument: how many timers shall go off. Prints how many did, and the seconds that it took.
"""

import json
import sys
import time

import simpy

NODES = 10_000
MEAN_PERIOD = 1_000_000


def ticker(env, period, ticks, node):
    while True:
        yield env.timeout(period)
        ticks[node] += 1


def main():
    wanted = int(sys.argv[1])
    env = simpy.Environment()
    ticks = [0] * NODES
    for node in range(NODES):
        period = 900_000 + ((node * 7_919) % NODES) * 20
        env.process(ticker(env, period, ticks, node))
    env.run(until=1)  # all of them have begun
    began = time.perf_counter()
    env.run(until=max(2, wanted * MEAN_PERIOD // NODES))
    seconds = time.perf_counter() - began
    print(json.dumps({"units": sum(ticks), "seconds": seconds}))


main()
