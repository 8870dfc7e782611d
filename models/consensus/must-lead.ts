import { reject, type Context } from '../../sim/index.ts';

interface Led {
  readonly role: string;
  readonly leader: string;
}

/** The server that leads this one; '' when it leads itself or knows of none. */
export const otherLeader = ({ role, leader }: Led): string => (role === 'leader' ? '' : leader);

/** Refuses unless this server leads, by its own lights; says who does, as far as it knows. */
export function mustLead<S>({ role, leader }: Led, ctx: Context<S>): void {
  if (role === 'leader') return;
  throw reject('not-leader', `${ctx.self.id} is not leader`, { primary: leader });
}
