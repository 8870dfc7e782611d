/** The state machine as text, and back. */
import { canonicalJson } from '../../../sim/index.ts';
import type { Snapshot } from './raft-state.ts';
import type { StateMachine } from './state-machine.ts';

export const textOf = (machine: StateMachine): string => canonicalJson(machine);

export const restored = ({ text }: Snapshot): StateMachine => JSON.parse(text) as StateMachine;
