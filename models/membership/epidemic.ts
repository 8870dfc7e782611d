/**
 * Spreading updates to everybody like an epidemic (Demers et al. 1987): rumours for speed, anti-entropy for certainty.
 *
 * Rumour mongering (rumour-mongering.ts) tells fresh updates to random members until that seems pointless. Anti-entropy never stops: every
 * so many rounds a member compares all that it has with a random other, and one brings the other up to date (push: it gives;
 * pull: it takes; push-pull: both). Anti-entropy alone reaches n members in log₂ n + ln n rounds by pushing, fewer by pulling,
 * and in log₃ n + O(ln ln n) by both. As long as any two members can reach each other now and then every update that one member
 * keeps reaches all.
 *
 * Updates are never changed, only added, and are on disk nowhere: who crashes has lost them, and hears of them again by anti-entropy.
 * What has been compared is the list of names; real systems compare checksums or Merkle trees first.
 */
import {
  ConfigError,
  defineActor,
  parseDuration,
  type Actor,
  type Context,
  type Duration,
  type NodeRef,
} from '../../sim/index.ts';
import { checkDirection, type Direction } from './direction.ts';
import { RumourMongering, type HotRumours, type RumourOptions } from './rumour-mongering.ts';

interface EpidemicUpdate {
  readonly id: string;
  readonly value: string;
}

export interface EpidemicProtocol {
  /** A client's: from now on it is known here. */
  publish(update: EpidemicUpdate): void;
  rumours(message: { readonly from: EpidemicRef; readonly updates: readonly EpidemicUpdate[] }): void;
  /** Feedback: of the rumours told, those that were news, and those that were known. */
  feedback(message: { readonly news: readonly string[]; readonly known: readonly string[] }): void;
  /** Anti-entropy begins: what `from` has. */
  compare(message: { readonly from: EpidemicRef; readonly known: readonly string[]; readonly both: boolean }): void;
  /** What the receiver lacks, and which updates the sender would like to have. */
  updates(message: {
    readonly from: EpidemicRef;
    readonly updates: readonly EpidemicUpdate[];
    readonly lacking: readonly string[];
  }): void;
}

type EpidemicRef = NodeRef<EpidemicProtocol>;

export interface EpidemicState {
  round: number;
  /** All that it has heard of, by name. */
  updates: Map<string, string>;
  hot: HotRumours;
}

export interface EpidemicOptions {
  /** All members. */
  readonly nodes: readonly EpidemicRef[];
  /** One round. Default 1 s. */
  readonly period?: Duration;
  /** Default: feedback and counter, k = 4. `false`: anti-entropy only. */
  readonly rumours?: RumourOptions | false;
  /** Default: push-pull every 10 rounds. `false`: rumours only, so that some members may never hear of an update. */
  readonly antiEntropy?: { readonly every: number; readonly direction: Direction } | false;
  /** Members begin their rounds at random instants, rather than all at once. Default true. */
  readonly stagger?: boolean;
}

type EpidemicContext = Context<EpidemicState>;

/** Counters: rumours-sent (one for each update in a message), exchanges. Throws ConfigError. */
export function epidemic(options: EpidemicOptions): Actor<EpidemicState, EpidemicProtocol> {
  const { nodes, rumours = {}, antiEntropy = { every: 10, direction: 'push-pull' }, stagger = true } = options;
  const period = parseDuration(options.period ?? '1s', 'epidemic.period');
  if (period < 1) throw new ConfigError('epidemic.period', options.period, 'a duration above 0');
  if (antiEntropy !== false) checkAntiEntropy(antiEntropy);
  const mongering = rumours === false ? undefined : new RumourMongering(rumours);
  return defineActor<EpidemicState, EpidemicProtocol>({
    role: 'member',
    init: () => ({ round: 0, updates: new Map(), hot: new Map() }),
    start(_state, ctx) {
      ctx.setTimer('round', stagger ? ctx.random.between(1, period) : period);
    },
    on: {
      publish: (state, update) => void take(state, update, mongering),
      rumours(state, { from, updates }, ctx) {
        const news = updates.filter((update) => take(state, update, mongering)).map(({ id }) => id);
        if (mongering?.feedback !== true) return;
        const known = updates.flatMap(({ id }) => (news.includes(id) ? [] : [id]));
        ctx.send(from, 'feedback', { news, known });
      },
      feedback(state, { news, known }, ctx) {
        for (const id of news) mongering?.told(state.hot, id, true, ctx.random);
        for (const id of known) mongering?.told(state.hot, id, false, ctx.random);
      },
      compare(state, { from, known, both }, ctx) {
        const has = new Set(known);
        const lacking = both ? known.filter((id) => !state.updates.has(id)) : [];
        const updates = updatesOf(
          state,
          [...state.updates.keys()].filter((id) => !has.has(id)),
        );
        if (updates.length + lacking.length > 0)
          ctx.send(from, 'updates', { from: ctx.self as EpidemicRef, updates, lacking });
      },
      updates(state, { from, updates, lacking }, ctx) {
        for (const update of updates) take(state, update, mongering);
        if (lacking.length === 0) return;
        const wanted = updatesOf(state, lacking);
        ctx.send(from, 'updates', { from: ctx.self as EpidemicRef, updates: wanted, lacking: [] });
      },
    },
    timers: {
      round(state, ctx) {
        ctx.setTimer('round', period);
        state.round++;
        if (nodes.length < 2) return;
        if (mongering !== undefined && state.hot.size > 0) gossip(state, another(nodes, ctx), mongering, ctx);
        if (antiEntropy === false || state.round % antiEntropy.every !== 0) return;
        ctx.count('exchanges');
        reconcile(state, another(nodes, ctx), antiEntropy.direction, ctx);
      },
    },
    phase: ({ hot }) => (hot.size > 0 ? 'spreading' : 'member'),
  });
}

/** One of the others, all equally likely: whoever draws itself takes the last. */
function another(nodes: readonly EpidemicRef[], ctx: EpidemicContext): EpidemicRef {
  const drawn = nodes[ctx.random.int(nodes.length - 1)] as EpidemicRef;
  return drawn.id === ctx.self.id ? (nodes.at(-1) as EpidemicRef) : drawn;
}

function checkAntiEntropy({ every, direction }: Exclude<EpidemicOptions['antiEntropy'], false | undefined>): void {
  if (!Number.isSafeInteger(every) || every < 1)
    throw new ConfigError('epidemic.antiEntropy.every', every, 'a whole number of rounds, at least 1');
  checkDirection(direction, 'epidemic.antiEntropy.direction');
}

/** Whether it was news. */
function take(state: EpidemicState, { id, value }: EpidemicUpdate, mongering: RumourMongering | undefined): boolean {
  if (state.updates.has(id)) return false;
  state.updates.set(id, value);
  if (mongering !== undefined) state.hot.set(id, 0);
  return true;
}

const updatesOf = (state: EpidemicState, ids: readonly string[]): EpidemicUpdate[] =>
  ids.flatMap((id) => {
    const value = state.updates.get(id);
    return value === undefined ? [] : [{ id, value }];
  });

/** Tells one member all that is hot. */
function gossip(state: EpidemicState, to: EpidemicRef, mongering: RumourMongering, ctx: EpidemicContext): void {
  const ids = [...state.hot.keys()];
  ctx.count('rumours-sent', ids.length);
  ctx.send(to, 'rumours', { from: ctx.self as EpidemicRef, updates: updatesOf(state, ids) });
  if (!mongering.feedback) for (const id of ids) mongering.told(state.hot, id, false, ctx.random);
}

function reconcile(state: EpidemicState, to: EpidemicRef, direction: Direction, ctx: EpidemicContext): void {
  const from = ctx.self as EpidemicRef;
  const ids = [...state.updates.keys()];
  // A push gives all that there is: the other's list is not known, and asking for it would be a pull.
  if (direction !== 'push') ctx.send(to, 'compare', { from, known: ids, both: direction === 'push-pull' });
  else if (ids.length > 0) ctx.send(to, 'updates', { from, updates: updatesOf(state, ids), lacking: [] });
}
