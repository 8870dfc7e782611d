/** Visitors of a web site with three servers. What differs between the scenarios is where the servers keep their sessions. */
import { s, sometimes } from '../../sim/index.ts';
import type { Check, Micros, NemesisLimits, NodeRef, RunView, Verdict, WorldBuilder } from '../../sim/index.ts';
import { kvStore, visitor, webServer } from '../../models/index.ts';
import type { KvProtocol, WebProtocol } from '../../models/index.ts';
import { ALL_THAT_HEALS, COMES_BACK } from './claims.ts';

export interface WebTier {
  readonly servers: readonly NodeRef<WebProtocol>[];
}

export interface WebTierOptions {
  readonly world: WorldBuilder;
  readonly duration: Micros;
  readonly visitors: number;
  /** True: sessions are in a store that all servers share. */
  readonly shared: boolean;
}

export function webTier({ world, duration, visitors, shared }: WebTierOptions): WebTier {
  const sessions = shared ? world.node<unknown, KvProtocol>('store', { actor: kvStore() as never }) : 'in-memory';
  const servers = world.refs<WebProtocol>('w', 3);
  for (const ref of servers) world.node(ref, { actor: webServer({ sessions }) });
  const actor = visitor({ servers, until: duration - s(1) });
  for (const ref of world.refs<Record<never, never>>('c', visitors)) world.node(ref, { actor });
  return { servers };
}

export const STAYS_LOGGED_IN = 'who has logged in stays logged in';

function staysLoggedIn(): Check {
  const verdict = (view: RunView): Verdict => {
    const base = { check: STAYS_LOGGED_IN, kind: 'history' } as const;
    const pages = view.operations.filter(({ f }) => f === 'page');
    const stranger = pages.find(({ error }) => error === 'no-session');
    if (stranger === undefined) return { ...base, status: 'held', message: `${pages.length} pages` };
    const login = view.operations.findLast(
      ({ id, f, key }) => f === 'login' && key === stranger.key && id < stranger.id,
    );
    const sentence = `${stranger.key} was logged in, and is not known any more`;
    const operations = login === undefined ? [stranger.id] : [login.id, stranger.id];
    const witness = { sentence, at: stranger.completedAt, operations };
    return { ...base, status: 'violated', message: sentence, witness };
  };
  return {
    name: STAYS_LOGGED_IN,
    kind: 'history',
    promise: 'no page is refused for want of a session',
    begin: (view) => ({ finish: () => verdict(view) }),
  };
}

export const webTierChecks = (): readonly Check[] => [
  staysLoggedIn(),
  sometimes('a page is seen', (view) => view.operations.some(({ f, outcome }) => f === 'page' && outcome === 'ok'), {
    roles: ['client'],
  }),
];

/** The one store comes back with its disk. One whose disk has failed to sync stays stopped until somebody restarts it. */
const limits: NemesisLimits = {
  roles: { store: COMES_BACK.filter((family) => family !== 'disk'), web: COMES_BACK },
};

export const webTierNemesis = { profiles: ALL_THAT_HEALS, limits };
