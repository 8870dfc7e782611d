/**
 * Servers that answer alone and learn of each other's writes later, and clients that ask another one each time; only what a session is
 * promised differs between the scenarios.
 */
import {
  causal,
  converges,
  monotonicReads,
  monotonicWrites,
  ms,
  partition,
  readYourWrites,
  s,
  sometimes,
  writesFollowReads,
  type Check,
  type Fault,
  type Micros,
  type NodeRef,
  type RunView,
  type WorldBuilder,
} from '../../sim/index.ts';
import {
  sessionClient,
  sessionServer,
  type SessionClientState,
  type SessionPromise,
  type SessionServerProtocol,
  type SessionServerState,
} from '../../models/index.ts';
import { acknowledged } from './acknowledged.ts';
import { ALL_THAT_HEALS, STAYS_UP } from './claims.ts';

export interface SessionGroup {
  readonly servers: readonly NodeRef<SessionServerProtocol>[];
}

export interface SessionGroupOptions {
  readonly world: WorldBuilder;
  readonly promises: readonly SessionPromise[];
  /** Length of the run; clients stop three seconds before it ends. */
  readonly duration: Micros;
}

/** Servers n1 … n3, clients c1 … c3. */
export function sessionGroup({ world, promises, duration }: SessionGroupOptions): SessionGroup {
  const servers = world.refs<SessionServerProtocol>('n', 3);
  for (const server of servers) world.node(server, { actor: sessionServer({ servers, role: `server ${server.id}` }) });
  const actor = sessionClient({
    servers,
    promises,
    think: { kind: 'exponential', mean: ms(90) },
    until: duration - s(3),
  });
  for (const client of world.refs<Record<never, never>>('c', 3))
    world.node<SessionClientState, Record<never, never>>(client, { actor });
  return { servers };
}

/** The servers cannot reach each other; the clients reach all of them. */
export const serversApart = (
  { servers }: SessionGroup,
  window: { readonly at: Micros; readonly for: Micros },
): readonly Fault[] => [partition({ ...window, groups: [servers.slice(0, 1), servers.slice(1)] })];

/**
 * A session waits for the one server that has what it has seen, so every server must come back: each has a role of its own. Clients whose clocks
 * stand still would go on to the very end.
 */
export const sessionNemesis = {
  profiles: ALL_THAT_HEALS,
  limits: { roles: { client: STAYS_UP } },
} as const;

export function sessionGroupChecks({ servers }: SessionGroup): readonly Check[] {
  const working = (view: RunView): { replica: string; state: unknown }[] =>
    servers.flatMap(({ id }) => {
      const state = view.state<SessionServerState>(id);
      return state === undefined || state.broken ? [] : [{ replica: id, state: valuesOf(state) }];
    });
  return [
    readYourWrites(),
    monotonicReads(),
    monotonicWrites(),
    writesFollowReads(),
    causal(),
    converges({ within: s(1), states: working }),
    sometimes('a write is acknowledged', (view) => acknowledged(view, 'write'), { roles: ['client'] }),
    sometimes('a read is answered', (view) => acknowledged(view, 'read'), { roles: ['client'] }),
  ];
}

const valuesOf = ({ latest, writes, vector }: SessionServerState): unknown => ({
  vector,
  values: Object.fromEntries(Object.entries(latest).map(([key, place]) => [key, writes[place]?.value])),
});
