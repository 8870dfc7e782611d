/** What a nemesis may do to a scenario. */
import { ConfigError } from '../../base/errors.ts';
import { refuseUnknownFields } from '../../base/known-fields.ts';
import { ms, parseDuration, type Duration, type Micros } from '../../base/time.ts';
import { FAULT_KINDS, type FaultKind } from '../fault.ts';
import { FAULT_FAMILIES, type FaultFamily } from './family.ts';
import type { NemesisTopology } from './topology.ts';

export interface NemesisLimits {
  /**
   * Families that may hit the nodes of a role; a role that is not named may be hit by all. Default: clients (role `client`)
   * are hit by `pause`, `slow`, `clock`, `load` and by everything of the network, never by the rest. What is given here is added to
   * that, role by role.
   */
  readonly roles?: Readonly<Record<string, readonly FaultFamily[]>>;
  /** Names of nodes that no fault aims at. A partition may still separate others from them. Default: none. */
  readonly spare?: readonly string[];
  /** Families that may be drawn at all. Default: all that the profile has. */
  readonly families?: readonly FaultFamily[];
  /**
   * How many nodes of one role may be down, paused, isolated or without a working disk at the same time. `minority`, the
   * default: fewer than half of them, but one where there are only one or two. Unrestricted profiles do not ask.
   */
  readonly maxConcurrentDown?: number | 'minority';
  /**
   * Kinds of faults that always heal: a search does not let one of them last on a minority while it demands progress of the rest. For what
   * a design does not see: clients that cannot reach a leader which all servers hear, say. Default: none.
   */
  readonly mustHeal?: readonly FaultKind[];
  /** Faults begin no earlier than this. Default: a tenth of the run. */
  readonly quietBefore?: Duration;
  /** Faults have healed this long before the end. Default: a quarter of the run. Unrestricted profiles do not ask. */
  readonly quietAfter?: Duration;
  /** A fault lasts at least this long. Default: 50 ms, or a hundredth of the run if that is less. */
  readonly minDuration?: Duration;
  /** A fault lasts at most this long. Default: all the time between `quietBefore` and `quietAfter`. */
  readonly maxDuration?: Duration;
  /** Most faults in one schedule. Default: the profile's own number. */
  readonly maxFaults?: number;
}

const LIMITS = [
  'roles',
  'spare',
  'families',
  'maxConcurrentDown',
  'mustHeal',
  'quietBefore',
  'quietAfter',
  'minDuration',
  'maxDuration',
  'maxFaults',
] as const satisfies readonly (keyof NemesisLimits)[];

/** Families that bend links. */
const NETWORK: readonly FaultFamily[] = ['partition', 'clog', 'delay', 'loss', 'duplicate', 'reorder', 'bandwidth'];

/** Roles that need no naming: a client that crashes loses nothing but its own questions. */
export const DEFAULT_ROLES: Readonly<Record<string, readonly FaultFamily[]>> = {
  client: [...NETWORK, 'pause', 'slow', 'clock', 'load'],
};

/** Limits with their defaults filled in, for one world. */
export interface ResolvedLimits {
  readonly roles: Readonly<Record<string, readonly FaultFamily[]>>;
  readonly spare: ReadonlySet<string>;
  readonly families: readonly FaultFamily[] | undefined;
  readonly maxConcurrentDown: number | 'minority';
  /** Faults begin at or after this instant. */
  readonly begin: Micros;
  /** Faults have ended at this instant. */
  readonly heal: Micros;
  readonly minDuration: Micros;
  readonly maxDuration: Micros;
  readonly maxFaults: number | undefined;
}

function checkFamilies(families: readonly FaultFamily[] | undefined, field: string): void {
  for (const [i, family] of (families ?? []).entries()) {
    if (!FAULT_FAMILIES.includes(family)) {
      throw new ConfigError(`${field}[${i}]`, family, `a family of faults: ${FAULT_FAMILIES.join(', ')}`);
    }
  }
}

/** `word`: what may stand in place of a number. */
function wholeOr(value: unknown, least: number, field: string, word?: string): void {
  if (value === undefined || value === word) return;
  if (!Number.isSafeInteger(value) || (value as number) < least) {
    const otherwise = word === undefined ? '' : `, or "${word}"`;
    throw new ConfigError(field, value, `a whole number of at least ${least}${otherwise}`);
  }
}

/**
 * Fills in what is not given and checks the rest against the world. Throws ConfigError naming the field, and when the limits leave no
 * time for any fault.
 */
export function resolveLimits(
  limits: NemesisLimits,
  { nodes, end }: NemesisTopology,
  unrestricted: boolean,
): ResolvedLimits {
  refuseUnknownFields(limits, LIMITS, 'limits');
  checkFamilies(limits.families, 'limits.families');
  for (const [role, families] of Object.entries(limits.roles ?? {})) checkFamilies(families, `limits.roles.${role}`);
  for (const [i, name] of (limits.spare ?? []).entries()) {
    if (!nodes.some(({ id }) => id === name)) {
      throw new ConfigError(`limits.spare[${i}]`, name, `a node: ${nodes.map(({ id }) => id).join(', ')}`);
    }
  }
  for (const [i, kind] of (limits.mustHeal ?? []).entries()) {
    if (!FAULT_KINDS.includes(kind)) {
      throw new ConfigError(`limits.mustHeal[${i}]`, kind, `a kind of fault: ${FAULT_KINDS.join(', ')}`);
    }
  }
  const { maxConcurrentDown = 'minority' } = limits;
  wholeOr(maxConcurrentDown, 0, 'limits.maxConcurrentDown', 'minority');
  wholeOr(limits.maxFaults, 0, 'limits.maxFaults');
  const span = (value: Duration | undefined, field: string, fallback: Micros): Micros =>
    value === undefined ? fallback : parseDuration(value, `limits.${field}`);
  const begin = span(limits.quietBefore, 'quietBefore', Math.floor(end / 10));
  const heal = end - (unrestricted ? 0 : span(limits.quietAfter, 'quietAfter', Math.ceil(end / 4)));
  const minDuration = Math.max(1, span(limits.minDuration, 'minDuration', Math.min(ms(50), Math.floor(end / 100))));
  if (begin + minDuration > heal) {
    throw new ConfigError('limits', limits, `at least ${minDuration} µs between quietBefore and quietAfter`);
  }
  const maxDuration = Math.min(heal - begin, span(limits.maxDuration, 'maxDuration', heal - begin));
  if (maxDuration < minDuration) {
    throw new ConfigError('limits.maxDuration', limits.maxDuration, `at least minDuration, ${minDuration} µs`);
  }
  return {
    roles: { ...DEFAULT_ROLES, ...limits.roles },
    spare: new Set(limits.spare ?? []),
    families: limits.families,
    maxConcurrentDown,
    begin,
    heal,
    minDuration,
    maxDuration,
    maxFaults: limits.maxFaults,
  };
}
