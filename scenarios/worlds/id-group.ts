/** Generators of ids and clients that ask for them; who the generators are differs between the scenarios. */
import {
  clockStep,
  crash,
  fixedBackoff,
  generatedIds,
  linearizable,
  ms,
  s,
  sometimes,
  uniqueIds,
  type Actor,
  type Check,
  type Fault,
  type GeneratedIdsOptions,
  type IdFields,
  type Micros,
  type NemesisLimits,
  type NodeRef,
  type RunView,
  type WorldBuilder,
} from '../../sim/index.ts';
import {
  client,
  compareIds,
  LIFETIME_MS,
  machineRegistry,
  MACHINES,
  openLoop,
  SEQUENCES,
  snowflakeFields,
  snowflakeGenerator,
  ticketServer,
  type IdProtocol,
  type SnowflakeState,
  type TicketServerState,
} from '../../models/index.ts';
import { ALL_THAT_HEALS, COMES_BACK } from './claims.ts';

export interface IdGroup {
  readonly generators: readonly NodeRef<IdProtocol>[];
  readonly clients: readonly NodeRef[];
}

interface IdGroupOptions {
  readonly world: WorldBuilder;
  readonly duration: Micros;
  /** Ids a second. */
  readonly rate: number;
}

const CLIENTS = 3;
const GENERATORS = ['g1', 'g2', 'g3'] as const;
const TICKET_SERVERS = ['t1', 't2'] as const;

function idClients({ world, duration, rate }: IdGroupOptions, generators: readonly NodeRef<IdProtocol>[]): NodeRef[] {
  const actor = client<IdProtocol>({
    target: generators,
    workload: openLoop({ rate: rate / CLIENTS, until: duration - s(1) }),
    operation: () => ({ message: 'generate', payload: {} }),
    deadline: ms(100),
    retry: fixedBackoff({ attempts: 3, base: ms(5) }),
  });
  const clients = world.refs<Record<never, never>>('c', CLIENTS);
  for (const ref of clients) world.node(ref, { actor });
  return clients;
}

/** Places Snowflake generators g1 to g3 with numbers 1 to 3. */
export function clockedIds(options: IdGroupOptions & { readonly clockBack: 'wait' | 'refuse' | 'trust' }): IdGroup {
  const generators = GENERATORS.map((id, i) =>
    options.world.node<SnowflakeState, IdProtocol>(id, {
      actor: snowflakeGenerator({ machine: i + 1, clockBack: options.clockBack, waitAtMost: ms(80) }),
    }),
  );
  return { generators, clients: idClients(options, generators) };
}

/** Places a registry and Snowflake generators g1 to g3: g1 and g2 are both configured as number 1, or each leases its number. */
export function numberedIds(options: IdGroupOptions & { readonly numbers: 'configured' | 'leased' }): IdGroup {
  const { world, numbers } = options;
  const registry = world.node('registry', { actor: machineRegistry({ term: s(1) }) });
  const generators = GENERATORS.map((id, i) =>
    world.node<SnowflakeState, IdProtocol>(id, {
      actor: snowflakeGenerator({ machine: numbers === 'leased' ? { registry } : Math.max(1, i), waitAtMost: ms(80) }),
    }),
  );
  return { generators, clients: idClients(options, generators) };
}

/** Places one ticket server, or two of which one gives out odd numbers and the other even ones. */
export function ticketIds(options: IdGroupOptions & { readonly servers: 1 | 2 }): IdGroup {
  const { world, servers } = options;
  const generators = TICKET_SERVERS.slice(0, servers).map((id, i) => {
    const actor: Actor<TicketServerState, IdProtocol> = ticketServer({ increment: servers, offset: i + 1 });
    return world.node(id, { actor });
  });
  return { generators, clients: idClients(options, generators) };
}

const layout = (id: unknown): IdFields => {
  const { timestamp, machine, sequence } = snowflakeFields(String(id));
  return {
    fields: {
      timestamp: [timestamp, 0, LIFETIME_MS - 1],
      machine: [machine, 0, MACHINES - 1],
      sequence: [sequence, 0, SEQUENCES - 1],
    },
    generator: machine,
  };
};

const compare = (a: unknown, b: unknown): number => compareIds(String(a), String(b));
const answers = (view: RunView): number =>
  view.operations.reduce((count, { outcome }) => count + (outcome === 'ok' ? 1 : 0), 0);

export const UNIQUE = 'linearizable unique ids';
export const IN_ORDER = 'ids are in order and well-formed';

/** Unique; and those of one generator grow. */
export const ticketChecks = (form: Pick<GeneratedIdsOptions, 'layout'> = {}): readonly Check[] => [
  linearizable(uniqueIds()),
  generatedIds({ compare, growsByNode: true, name: IN_ORDER, ...form }),
  sometimes('five hundred ids are made', (view) => answers(view) >= 500, { roles: [] }),
];

/** The same, with fields in range and a number of its own for each generator. */
export const snowflakeChecks = (): readonly Check[] => ticketChecks({ layout });

/** NTP finds that the clock of g1 is ahead, and sets it back at once. */
export const clockFaults = ({ generators: [g1] }: IdGroup, by: Micros): Fault[] =>
  g1 === undefined ? [] : [clockStep({ node: g1, at: s(2), for: s(3), by: -by })];

/** g1 is started again; its clock has been set back meanwhile. */
export const restartFaults = ({ generators: [g1] }: IdGroup): Fault[] =>
  g1 === undefined
    ? []
    : [clockStep({ node: g1, at: ms(2_100), for: s(2), by: -ms(300) }), crash({ node: g1, at: s(2), for: ms(300) })];

export const ticketFaults = ({ generators: [t1] }: IdGroup): Fault[] =>
  t1 === undefined ? [] : [crash({ node: t1, at: s(2), for: s(2) })];

const withoutDisks = COMES_BACK.filter((family) => family !== 'disk');
const limits: NemesisLimits = {
  roles: { generator: withoutDisks, registry: withoutDisks, 'ticket-server': withoutDisks },
};

/** A generator whose disk has failed to sync stays stopped until somebody restarts it. */
export const leasedNemesis = { profiles: ALL_THAT_HEALS.filter((profile) => profile !== 'disks'), limits };

/** Generators with numbers of their own ask nobody: what happens to the network, to zones and to load says nothing about them. */
export const idNemesis = { profiles: ['crashes', 'clocks', 'mixed'], limits };

/** Ids are there in time while one of two servers is down. Nothing is claimed for when neither can be reached in time. */
export const ticketNemesis = {
  profiles: ['crashes', 'clocks'],
  limits: { ...limits, families: ['crash', 'clock'] } satisfies NemesisLimits,
};
