/** A replica's state as invariants of logs look at it (sim/check/invariants). */
import { ListedLog, type LogView } from '../../sim/index.ts';
import type { LogEntry, ReplicaState } from './replica-state.ts';

const termOf = ({ term }: LogEntry): number => term;
const commandOf = ({ command }: LogEntry): unknown => command ?? null;

export const replicaLogView = ({ log }: Pick<ReplicaState, 'log'>): LogView => new ListedLog(log, termOf, commandOf);
