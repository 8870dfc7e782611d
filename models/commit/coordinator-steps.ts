/** Phase one, and the end of what is aborted, as coordinators of two and of three phases do it. */
import { reject, type Flow, type Micros, type NodeRef } from '../../sim/index.ts';
import { attempt } from './attempt.ts';
import type { AccountChange, VoterProtocol } from './commit-protocol.ts';
import type { Begun, CoordinatorContext } from './coordinator-state.ts';

/** The participants with these names; those that the coordinator does not know are missing. */
export const refsOf = <P>(names: readonly string[], participants: readonly NodeRef<P>[]): NodeRef<P>[] =>
  participants.filter(({ id }) => names.includes(id));

/** Whether all vote yes. Who is not known, or has not answered after `deadline`, votes no. */
export function* allVoteYes(
  { id, participants }: Begun,
  changes: readonly AccountChange[],
  asked: readonly NodeRef<VoterProtocol>[],
  deadline: Micros,
  ctx: CoordinatorContext,
): Flow<boolean> {
  const coordinator = ctx.self;
  const votes = yield* ctx.all(
    asked.map((ref) => {
      const own = changes.filter(({ at }) => at === ref.id);
      return attempt(ctx.call(ref, 'prepare', { id, coordinator, participants, changes: own }, { deadline }));
    }),
  );
  return asked.length === participants.length && votes.every((vote) => vote === 'yes');
}

/** Tells those who were asked, once, and refuses the client. */
export function refuse(id: string, asked: readonly NodeRef<VoterProtocol>[], ctx: CoordinatorContext): never {
  for (const ref of asked) ctx.send(ref, 'abort', { id });
  throw reject('aborted', `${id} was aborted`);
}
