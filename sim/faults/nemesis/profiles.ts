/** The bundled profiles. */
import { ConfigError } from '../../base/errors.ts';
import { hint } from '../../base/nearest.ts';
import { FAULT_FAMILIES, UNRECOVERABLE, type FaultFamily } from './family.ts';
import type { NemesisProfile } from './profile.ts';

const restricted = (
  name: string,
  doc: string,
  families: readonly FaultFamily[],
  rest: Partial<NemesisProfile> = {},
): NemesisProfile => ({ name, doc, families, swarm: true, maxFaults: 6, severity: 3, unrestricted: false, ...rest });

const RECOVERABLE = FAULT_FAMILIES.filter((family) => !UNRECOVERABLE.includes(family));

/** Every bundled profile by name. All but `safety` heal and keep a quorum, so that recovery is owed. */
export const PROFILES: Readonly<Record<string, NemesisProfile>> = {
  crashes: restricted('crashes', 'nodes crash, pause and slow down', ['crash', 'pause', 'slow']),
  partitions: restricted('partitions', 'nodes cannot reach each other', ['partition'], { maxFaults: 4 }),
  network: restricted('network', 'messages are lost, doubled, late, out of order, held', [
    ...(['loss', 'duplicate', 'reorder', 'delay', 'clog', 'bandwidth'] as const),
  ]),
  clocks: restricted('clocks', 'node clocks are wrong', ['clock']),
  disks: restricted('disks', 'disks are slow, full, fail to sync, tear a last write', ['disk', 'crash']),
  zones: restricted('zones', 'nodes of one place or one cause fail together', ['zone'], { maxFaults: 4 }),
  load: restricted('load', 'clients ask for more; a dependency half works', ['load', 'slow']),
  mixed: restricted('mixed', 'a swarm over everything that heals', RECOVERABLE, { maxFaults: 8, severity: 4 }),
  safety: restricted('safety', 'everything, for good if need be; only safety is judged', FAULT_FAMILIES, {
    maxFaults: 8,
    severity: 6,
    unrestricted: true,
  }),
};

/** The profile called so. Throws ConfigError, with the one that was probably meant. */
export function profileNamed(name: string, field = 'profile'): NemesisProfile {
  const names = Object.keys(PROFILES);
  const profile = Object.hasOwn(PROFILES, name) ? PROFILES[name] : undefined;
  if (profile === undefined) throw new ConfigError(field, name, `one of ${names.join(', ')}${hint(name, names)}`);
  return profile;
}
