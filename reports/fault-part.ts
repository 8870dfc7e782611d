/** What part a fault had in the failure, in a word or two. */
import { inForceAtFailure, type Headline } from './headline.ts';
import type { FaultOutcome } from '../sim/result.ts';

export interface FaultPart {
  readonly inForce: boolean;
  /** `in force`, `lost it`, `over`, `not yet`; empty when there was no failure, or nothing to say. */
  readonly text: string;
}

export function faultPart(fault: FaultOutcome, told: Headline): FaultPart {
  const { at, loss } = told;
  if (at === undefined) return { inForce: false, text: '' };
  if (inForceAtFailure(fault, told)) return { inForce: true, text: loss?.fault === fault.id ? 'lost it' : 'in force' };
  return { inForce: false, text: fault.at > at ? 'not yet' : fault.effects === 0 ? '' : 'over' };
}

/** Of a loss everything from the acknowledgement on may have had a part in it. */
export const partTitle = ({ acknowledged, loss }: Headline): string =>
  acknowledged === undefined ? 'at the failure' : `from acknowledgement to ${loss === undefined ? 'the end' : 'loss'}`;
