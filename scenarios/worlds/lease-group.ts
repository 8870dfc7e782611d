/** A lease service, two holders and the resource that they share; only fencing differs between the scenarios. */
import {
  always,
  atMostOneActingHolder,
  clockDrift,
  clog,
  leaseGrantInvariants,
  ms,
  s,
  sometimes,
  type Check,
  type Fault,
  type Grant,
  type Micros,
  type NemesisLimits,
  type NodeRef,
  type RunView,
  type WorldBuilder,
} from '../../sim/index.ts';
import {
  leaseHolder,
  leaseService,
  protectedResource,
  type LeaseHolderState,
  type LeaseServiceProtocol,
  type LeaseServiceState,
  type ProtectedResourceProtocol,
  type ProtectedResourceState,
} from '../../models/index.ts';
import { ALL_THAT_HEALS, COMES_BACK } from './claims.ts';

export interface LeaseGroup {
  readonly service: NodeRef<LeaseServiceProtocol>;
  readonly resource: NodeRef<ProtectedResourceProtocol>;
  readonly holders: readonly NodeRef[];
}

export interface LeaseGroupOptions {
  readonly world: WorldBuilder;
  readonly fencing: boolean;
  readonly term: Micros;
  readonly margin: Micros;
  readonly duration: Micros;
}

/** Places `lease`, `document` and the holders h1 and h2. */
export function leaseGroup({ world, fencing, term, margin, duration }: LeaseGroupOptions): LeaseGroup {
  const service = world.node('lease', { actor: leaseService({ term }) });
  const resource = world.node('document', { actor: protectedResource({ fencing }) });
  const holder = leaseHolder({ service, resource, margin, until: duration - s(1) });
  const holders = world.refs<Record<never, never>>('h', 2);
  for (const ref of holders) world.node<LeaseHolderState, Record<never, never>>(ref, { actor: holder });
  return { service, resource, holders };
}

/** h1's clock runs slow for a while; later what h2 sends to the resource is held up on the way. */
export function leaseGroupFaults({ holders: [h1, h2], resource }: LeaseGroup, driftPpm: number): Fault[] {
  if (h1 === undefined || h2 === undefined) return [];
  return [
    clockDrift({ node: h1, at: s(2), for: s(7), ppm: driftPpm }),
    clog({ from: h2, to: resource, at: ms(9_500), for: ms(2_500) }),
  ];
}

const documentOf = (view: RunView, { resource }: LeaseGroup): ProtectedResourceState | undefined =>
  view.state<ProtectedResourceState>(resource);

const latestGrant = ({ latest }: LeaseServiceState): readonly Grant[] =>
  latest.token === 0 ? [] : [{ resource: 'document', ...latest }];

export function leaseGroupChecks(group: LeaseGroup): readonly Check[] {
  const roles = ['resource'];
  return [
    atMostOneActingHolder<ProtectedResourceState>({ accepted: (state) => state.accepted }),
    ...leaseGrantInvariants<LeaseServiceState>({ latest: latestGrant, roles: ['lease-service'] }),
    always('no work is overwritten', (view) => (documentOf(view, group)?.overwritten ?? 0) === 0, { roles }),
    sometimes('the lease changes hands', (view) => (documentOf(view, group)?.highestToken ?? 0) > 1, { roles }),
  ];
}

/** That fencing was needed. */
export const staleTokenRefused = (group: LeaseGroup): Check =>
  sometimes('a stale token is refused', (view) => (documentOf(view, group)?.refused ?? 0) > 0, { roles: ['resource'] });

/** There is one service and one document: whoever destroys either of them, or what it has on its disk, proves nothing. */
const limits: NemesisLimits = { roles: { 'lease-service': COMES_BACK, resource: COMES_BACK, holder: COMES_BACK } };

export const leaseGroupNemesis = { profiles: ALL_THAT_HEALS, limits };
