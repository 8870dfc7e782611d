import { reject, type Context } from '../../sim/index.ts';

/** Refuses unless this server leads, by its own lights; says who does, as far as it knows. */
export function mustLead<S>(
  { role, leader }: { readonly role: string; readonly leader: string },
  ctx: Context<S>,
): void {
  if (role === 'leader') return;
  throw reject('not-leader', `${ctx.self.id} is not leader`, { primary: leader });
}
