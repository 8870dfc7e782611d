/** Redundant balancers: one address that moves (VRRP), or two that clients know. */
import { describe, expect, test } from '@jest/globals';
import { fixedBackoff, ms, s } from '../../sim/index.ts';
import type { NodeRef } from '../../sim/index.ts';
import { Trace } from '../../sim/trace/trace.ts';
import type { Condition } from '../../sim/world/link.ts';
import { crash, pause, restart, resume } from '../../sim/world/lifecycle.ts';
import { World } from '../../sim/world/world.ts';
import { client, loadBalancer, openLoop, roundRobin, serverNode, virtualAddress } from '../../models/index.ts';
import type { LoadBalancerState, ServiceProtocol, VirtualAddressState, VrrpOptions } from '../../models/index.ts';
import { drive } from '../support/bare-world.ts';

interface Pair {
  readonly world: World;
  /** Names of the balancers that are master now. */
  masters(): string[];
  owner(): string | undefined;
  count(name: string): number;
}

const LATENCY = 500;
const request = () => ({ message: 'request', payload: {} }) as const;

/** Two balancers, lb1 preferred, one address; adverts every 100 ms, so master-down is 300 ms and a skew. */
function pair(options: Partial<VrrpOptions> = {}, seed = 'pair', trace?: Trace): Pair {
  const world = new World({ seed, trace });
  world.links({ latency: { kind: 'constant', value: LATENCY } });
  const backends = [1, 2].map((i) => world.node(`s${i}`, serverNode({ service: '1ms' })));
  const address = world.node('address', { actor: virtualAddress<ServiceProtocol>() });
  const routers = world.refs<ServiceProtocol>('lb', 2);
  routers.forEach((ref, i) => {
    const peers = routers.filter((other) => other !== ref);
    const vrrp: VrrpOptions = { address, peers, priority: 200 - 100 * i, interval: '100ms', ...options };
    world.node(ref, { actor: loadBalancer<ServiceProtocol, object>({ backends, policy: roundRobin(), vrrp }) });
  });
  const retry = fixedBackoff({ attempts: 5, base: ms(100) });
  world.node('c', {
    actor: client<ServiceProtocol>({
      target: address,
      operation: request,
      retry,
      deadline: '150ms',
      workload: openLoop({ rate: 100, from: '1s' }),
    }),
  });
  const state = <S>(id: string): S | undefined =>
    world.named(id).status === 'crashed' ? undefined : (world.named(id).state as S);
  return {
    world,
    masters: () => ['lb1', 'lb2'].filter((id) => state<LoadBalancerState<object>>(id)?.vrrp?.role === 'master'),
    owner: () => state<VirtualAddressState>('address')?.owner?.id,
    count: (name) => world.metrics.counter('c', name).value,
  };
}

/** Runs until the address is at `id`; returns how long that took. */
function until(one: Pair, id: string, most = s(5)): number {
  const from = one.world.now;
  while (one.owner() !== id && one.world.now < from + most) drive(one.world, one.world.now + ms(1));
  return one.world.now - from;
}

describe('active and passive: VRRP', () => {
  test('the one with the higher priority becomes master, and the only one', () => {
    const one = pair();
    // 3 · 100 ms + (256 − 200) / 256 · 100 ms = 321.875 ms
    expect(until(one, 'lb1')).toBe(ms(323));
    drive(one.world, s(2));
    expect([one.masters(), one.owner()]).toEqual([['lb1'], 'lb1']);
    expect(one.world.metrics.counter('lb2', 'takeovers').value).toBe(0);
  });

  test('a crash of the master costs between 2 and 3 intervals and the skew, and no request that is tried again', () => {
    for (const phase of [0, 20, 40, 60, 80, 99]) {
      const one = pair();
      drive(one.world, s(3) + ms(phase));
      crash(one.world, one.world.named('lb1'));
      const skew = ((256 - 100) / 256) * ms(100);
      const failover = until(one, 'lb2');
      expect(failover).toBeGreaterThanOrEqual(ms(200) + skew);
      expect(failover).toBeLessThanOrEqual(ms(300) + skew + ms(2));
      drive(one.world, s(6));
      expect([one.count('info'), one.count('fail')]).toEqual([0, 0]);
      expect(one.masters()).toEqual(['lb2']);
    }
  });

  test('the preferred one takes the address back when it returns, unless it may not', () => {
    for (const preempt of [true, false]) {
      const one = pair({ preempt });
      drive(one.world, s(2));
      crash(one.world, one.world.named('lb1'));
      drive(one.world, s(3));
      restart(one.world, one.world.named('lb1'));
      drive(one.world, s(6));
      expect([one.masters(), one.owner()]).toEqual(preempt ? [['lb1'], 'lb1'] : [['lb2'], 'lb2']);
    }
  });

  test('a master that was paused too long finds that it is one no more', () => {
    const one = pair({ preempt: false, priority: 100 });
    drive(one.world, s(2));
    const [first] = one.masters() as [string];
    pause(one.world, one.world.named(first), { count: 0 });
    drive(one.world, s(4));
    const [second] = one.masters().filter((id) => id !== first) as [string];
    resume(one.world, one.world.named(first));
    drive(one.world, s(5));
    // Equal priorities: the greater name stays.
    expect(one.masters()).toEqual([[first, second].sort()[1]]);
    expect(one.owner()).toBe(one.masters()[0]);
  });

  test('two that cannot hear each other are both master, and one again afterwards', () => {
    const one = pair();
    drive(one.world, s(2));
    const cut: Condition = {
      name: 'cut',
      disturbance: { kind: 'drop' },
      effect: { count: 0 },
      applies: (from, to) => from.role === 'balancer' && to.role === 'balancer',
    };
    one.world.network.impose(cut);
    drive(one.world, s(4));
    expect(one.masters()).toEqual(['lb1', 'lb2']);
    one.world.network.lift(cut);
    drive(one.world, s(6));
    expect(one.masters()).toEqual(['lb1']);
  });

  test('a backup refuses what reaches it', () => {
    const one = pair();
    const { world } = one;
    const target = { id: 'lb2', index: world.named('lb2').index } as NodeRef<ServiceProtocol>;
    world.node('d', {
      actor: client<ServiceProtocol>({
        target,
        operation: request,
        workload: openLoop({ gap: '100ms', operations: 5 }),
      }),
    });
    drive(world, s(3));
    expect(world.history.operations.filter((op) => op.client === 'd').map((op) => op.error)).toEqual(
      Array(5).fill('standby'),
    );
  });

  test('is the same run on the recorded path', () => {
    const digests = [undefined, new Trace({})].map((trace) => {
      const one = pair({}, 'recorded', trace);
      drive(one.world, s(2));
      crash(one.world, one.world.named('lb1'));
      drive(one.world, s(3));
      restart(one.world, one.world.named('lb1'));
      drive(one.world, s(5));
      return one.world.digest.hex();
    });
    expect(digests[1]).toBe(digests[0]);
  });

  test('wrong options are named', () => {
    expect(() => pair({ priority: 255 })).toThrow('vrrp.priority: got 255, expected a whole number from 1 to 254');
    expect(() => pair({ peers: [] })).toThrow('vrrp.peers');
    expect(() => pair({ interval: 0 })).toThrow('vrrp.interval');
  });
});

describe('active and active: clients know both', () => {
  test('a crash of one costs nobody a request that is tried again at the other', () => {
    const world = new World({ seed: 'both' });
    world.links({ latency: { kind: 'constant', value: LATENCY } });
    const backends = [1, 2].map((i) => world.node(`s${i}`, serverNode({ service: '1ms' })));
    const actor = loadBalancer<ServiceProtocol, object>({ backends, policy: roundRobin() });
    const target = [1, 2].map((i) => world.node(`lb${i}`, { actor }));
    const retry = fixedBackoff({ attempts: 2, base: ms(1) });
    const workload = openLoop({ rate: 200, until: '4s' });
    world.node('c', {
      actor: client<ServiceProtocol>({ target, operation: request, retry, deadline: '50ms', workload }),
    });
    drive(world, s(1));
    const forwarded = (id: string): number => world.metrics.counter(id, 'forwarded').value;
    expect(Math.abs(forwarded('lb1') - forwarded('lb2'))).toBeLessThanOrEqual(2);
    crash(world, world.named('lb1'));
    drive(world, s(5));
    const count = (name: string): number => world.metrics.counter('c', name).value;
    expect([count('info'), count('fail'), count('ok')]).toEqual([0, 0, count('offered')]);
  });
});
