"""M/M/1 at 80 % load behind a link, as bench/workloads/mm1.ts has it, without deadlines, counters and histograms.

A job travels to the station, queues, is served, and its answer travels back.
Argument: how many jobs. Prints how many came back, and the seconds that it took.
"""

import json
import random
import sys
import time

import simpy

MEAN_GAP = 1_250
MEAN_SERVICE = 1_000
LATENCY = 250


class Station:
    def __init__(self, env):
        self.env = env
        self.server = simpy.Resource(env, capacity=1)
        self.random = random.Random(1)
        self.done = 0
        self.total = 0.0

    def job(self):
        began = self.env.now
        yield self.env.timeout(LATENCY)
        with self.server.request() as turn:
            yield turn
            yield self.env.timeout(self.random.expovariate(1 / MEAN_SERVICE))
        yield self.env.timeout(LATENCY)
        self.done += 1
        self.total += self.env.now - began

    def arrivals(self):
        while True:
            yield self.env.timeout(self.random.expovariate(1 / MEAN_GAP))
            self.env.process(self.job())


def main():
    jobs = int(sys.argv[1])
    env = simpy.Environment()
    station = Station(env)
    env.process(station.arrivals())
    began = time.perf_counter()
    env.run(until=jobs * MEAN_GAP)
    seconds = time.perf_counter() - began
    print(json.dumps({"units": station.done, "seconds": seconds}))


main()
