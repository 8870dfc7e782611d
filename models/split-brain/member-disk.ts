/**
 * A member on disk: view and attempts as a record in two copies, elements as a log. A new view brings all sets as one record of the
 * log, which counts once the view does: a crash leaves either the old view with its elements or the new one with its.
 */
import { CallError, copyOf, type DiskView } from '../../sim/index.ts';
import { copyToWriteFirst, readTwin, writeTwin, type Copies } from '../durability/twin-record.ts';
import { syncOrStop } from '../durability/sync-or-stop.ts';
import type { Flow } from '../../sim/index.ts';
import type { MemberContext, MemberState, Sets, View } from './member-state.ts';

const COPIES: Copies = ['view-1', 'view-2'];
const LOG = 'elements';

interface Meta {
  readonly serial: number;
  readonly view: View;
  readonly attempts: readonly View[];
}

type Entry =
  | { readonly kind: 'add'; readonly key: string; readonly value: string; readonly at: number }
  | {
      readonly kind: 'view';
      readonly epoch: number;
      readonly sets: Sets;
      readonly touchedAt: Readonly<Record<string, number>>;
    };

/** Writes view and attempts; they count for this member at once, and are durable after the next sync. Throws CallError when the disk is full. */
export function writeMeta(
  state: MemberState,
  { view, attempts }: Pick<MemberState, 'view' | 'attempts'>,
  ctx: MemberContext,
): void {
  const serial = state.serial + 1;
  // First what may be refused.
  writeTwin(ctx, COPIES, { serial, view: copyOf(view), attempts: copyOf(attempts) } as Meta, state.firstCopy);
  state.view = copyOf(view);
  state.attempts = copyOf(attempts) as readonly View[];
  state.serial = serial;
  state.firstCopy = 0;
}

/** Into the set, and into the log. Throws CallError when the disk is full. */
export function addElement(state: MemberState, key: string, value: string, ctx: MemberContext): void {
  if (state.sets[key]?.[value] === true) return;
  const at = ctx.clock.wall;
  ctx.disk.append(LOG, { kind: 'add', key, value, at } satisfies Entry);
  putElement(state, key, value, at);
}

function putElement(
  { sets, touchedAt }: Pick<MemberState, 'sets' | 'touchedAt'>,
  key: string,
  value: string,
  at: number,
): void {
  (sets[key] ??= {})[value] = true;
  touchedAt[key] = at;
}

/** All sets of a new view, as one record. Throws CallError when the disk is full. */
export const writeSets = (
  epoch: number,
  { sets, touchedAt }: Pick<MemberState, 'sets' | 'touchedAt'>,
  ctx: MemberContext,
): void => ctx.disk.append(LOG, { kind: 'view', epoch, sets, touchedAt } satisfies Entry);

/** Changes the state and writes what it says; a disk that takes nothing stops this member, so that the others go on without it. */
export function written<T>(ctx: MemberContext, recipe: (state: MemberState) => T): T {
  try {
    return ctx.update(recipe);
  } catch (error) {
    if (error instanceof CallError && error.kind === 'disk') {
      ctx.update((state) => {
        state.role = 'stopped';
      });
    }
    throw error;
  }
}

export const synced = (ctx: MemberContext): Flow =>
  syncOrStop(ctx, (state) => {
    state.role = 'stopped';
  });

/** What a crash has left, or undefined when that is no member: it has to join again. */
export function readMember(
  disk: DiskView,
): Pick<MemberState, 'view' | 'attempts' | 'sets' | 'touchedAt' | 'serial' | 'firstCopy'> | undefined {
  const meta = readTwin<Meta>(disk, COPIES);
  if (meta === 'none' || meta === 'damaged') return undefined;
  const { view, attempts, serial } = meta;
  const held = { sets: {} as Sets, touchedAt: {} as Record<string, number> };
  for (const entry of disk.log<Entry>(LOG)) {
    if (entry.kind === 'add') putElement(held, entry.key, entry.value, entry.at);
    else if (entry.epoch <= view.epoch) {
      held.sets = entry.sets;
      held.touchedAt = { ...entry.touchedAt };
    }
  }
  return { view, attempts, ...held, serial, firstCopy: copyToWriteFirst(disk, COPIES) };
}

/** Cuts off what a crash has torn, or what follows it would never be read. Leaves it for the next start when the disk is full. */
export function cutDamagedTail(ctx: MemberContext): void {
  try {
    ctx.disk.truncate(LOG, ctx.disk.log(LOG).length);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
  }
}
