/** The acceptor of single-decree Paxos ("Paxos made simple", §2.2 and §2.5), and what it keeps on its disk. */
import { reject, type DiskView, type Flow } from '../../../sim/index.ts';
import { syncOrStop } from '../../durability/sync-or-stop.ts';
import { copyToWriteFirst, readTwin, writeTwin } from '../../durability/twin-record.ts';
import { NO_BALLOT } from './ballots.ts';
import {
  decreeOf,
  freshDecree,
  type DecreeContext,
  type DecreeMemory,
  type DecreePromise,
  type DecreeProposal,
  type DecreeState,
  type SingleDecreeSettings,
  type SingleDecreeState,
} from './decree-state.ts';

const MEMORY = ['memory-a', 'memory-b'] as const;

interface MemoryRecord {
  readonly serial: number;
  readonly decrees: Readonly<Record<string, DecreeMemory>>;
}

export const freshState = (): SingleDecreeState => ({
  decrees: {},
  serial: 0,
  firstCopy: 0,
  broken: '',
  amnesia: false,
});

/** Phase 1b: promises to take part in no lower ballot, and says what it has voted for. */
export function* prepare(
  { decree, ballot }: { readonly decree: string; readonly ballot: number },
  settings: SingleDecreeSettings,
  ctx: DecreeContext,
): Flow<DecreePromise> {
  const vote = ctx.update((state) => {
    const there = takesPart(state, decree, ballot, ctx);
    // A ballot has one proposer, which asks once.
    if (ballot > there.promised) write(state, decree, { promised: ballot, vote: there.vote }, ctx);
    return there.vote === null ? null : { ballot: there.vote.ballot, value: there.vote.value };
  });
  yield* durable(decree, settings, ctx);
  return { vote };
}

/** Phase 2b: accepts unless it has promised a higher ballot. */
export function* accept(
  { decree, ballot, value }: DecreeProposal & { readonly ballot: number },
  settings: SingleDecreeSettings,
  ctx: DecreeContext,
): Flow<{ readonly accepted: true }> {
  ctx.update((state) => {
    takesPart(state, decree, ballot, ctx);
    write(state, decree, { promised: ballot, vote: { ballot, value } }, ctx);
  });
  yield* durable(decree, settings, ctx);
  return { accepted: true };
}

/** Refuses when a higher ballot has the promise, and says which (§2.4), or when the disk has failed. */
function takesPart(state: SingleDecreeState, decree: string, ballot: number, ctx: DecreeContext): DecreeState {
  if (state.broken !== '') throw reject('broken', `${ctx.self.id} takes no part: ${state.broken}`);
  const there = decreeOf(state, decree);
  there.seen = Math.max(there.seen, ballot);
  const { promised } = there;
  if (ballot < promised) throw reject('promised', `${ctx.self.id} has promised ballot ${promised}`, { promised });
  return there;
}

/** Writes, then remembers: all decrees in one record of two copies. Throws CallError when the disk is full. */
function write(state: SingleDecreeState, decree: string, memory: DecreeMemory, ctx: DecreeContext): void {
  const decrees: Record<string, DecreeMemory> = {};
  for (const [name, { promised, vote }] of Object.entries(state.decrees)) decrees[name] = { promised, vote };
  decrees[decree] = memory;
  const record: MemoryRecord = { serial: state.serial + 1, decrees };
  writeTwin(ctx, MEMORY, record, state.firstCopy);
  state.serial = record.serial;
  Object.assign(decreeOf(state, decree), memory);
}

/** "An acceptor records its intended response in stable storage before actually sending the response" (§2.5). */
function* durable(decree: string, { syncs }: SingleDecreeSettings, ctx: DecreeContext): Flow {
  const { promised, vote } = ctx.state.decrees[decree] ?? freshDecree();
  const written = { promised, vote: vote === null ? null : { ballot: vote.ballot, value: vote.value } };
  const stop = (state: SingleDecreeState): void => {
    ctx.note('stops: its disk has failed to sync');
    state.broken = 'its disk has failed to sync';
  };
  if (syncs) yield* syncOrStop(ctx, stop);
  ctx.update((state) => {
    const { told } = decreeOf(state, decree);
    told.promised = Math.max(told.promised, written.promised);
    if ((written.vote?.ballot ?? NO_BALLOT) > (told.vote?.ballot ?? NO_BALLOT)) told.vote = written.vote;
  });
}

/** What a crash has left. */
export function recoveredState(disk: DiskView, ctx: DecreeContext): SingleDecreeState {
  const state = freshState();
  const record = readTwin<MemoryRecord>(disk, MEMORY);
  state.firstCopy = copyToWriteFirst(disk, MEMORY);
  if (record === 'damaged') {
    state.broken = 'the record of its promises is damaged';
    state.amnesia = true;
    ctx.note(`takes no part: ${state.broken}`);
  } else if (record !== 'none') {
    state.serial = record.serial;
    for (const [decree, { promised, vote }] of Object.entries(record.decrees))
      state.decrees[decree] = { ...freshDecree(), promised, vote, told: { promised, vote }, seen: promised };
  }
  return state;
}
