/** What one server may do with its log and its indexes, and what two logs must have in common (§5.3). */
import { instantText } from '../../base/time.ts';
import { firstDifference, type Clash, type LogBook } from './log-book.ts';
import type { RaftServer } from './raft-server.ts';
import type { RaftView } from './raft-view.ts';
import { APPEND_ONLY, INDEXES, LOG_MATCHING, STATE_MACHINE } from './raft-properties.ts';
import type { Breaches } from './shared-reading.ts';

/** `lost`: the lowest index whose entry is gone or another one, although the server did not restart. */
export function judgeLog(
  server: RaftServer,
  now: RaftView,
  lost: number | undefined,
  isReborn: boolean,
  book: LogBook,
  breaches: Breaches,
): void {
  const { id } = server;
  const leads = server.role === 'leader' && now.role === 'leader' && server.term === now.term;
  if (lost !== undefined && leads) {
    breaches.report(APPEND_ONLY, {
      sentence: `${id}, leader of term ${now.term}, deletes or overwrites the entry at index ${lost} of its own log`,
      nodes: [id],
      facts: { term: now.term, index: lost },
    });
  }
  if (lost !== undefined && lost <= server.commitIndex) {
    breaches.report(STATE_MACHINE, {
      sentence: `${id} gives up the entry at index ${lost}, although it knew its log to be committed up to ${server.commitIndex}`,
      nodes: [id],
      facts: { index: lost, commitIndex: server.commitIndex, term: now.term },
    });
  }
  if (book.clash !== undefined) reportClash(book.clash, id, breaches);
  judgeIndexes(server, now, isReborn, breaches);
}

function reportClash({ one, other }: Clash, id: string, breaches: Breaches): void {
  const { index, term } = other;
  const differ = one.command === other.command ? firstDifference(one, other) : { one, other };
  const at = differ.one.index;
  const what =
    one.command === other.command
      ? `at index ${at} the one has an entry of term ${differ.one.term}, the other one of term ${differ.other.term}`
      : `the one holds ${one.command}, the other ${other.command}`;
  breaches.report(LOG_MATCHING, {
    sentence: `${one.node} (since ${instantText(one.at)}) and ${other.node} both have an entry of term ${term} at index ${index}, but ${what}`,
    nodes: [one.node, other.node, id],
    facts: { index, term, differAt: at, terms: [differ.one.term, differ.other.term] },
  });
}

function judgeIndexes(server: RaftServer, now: RaftView, isReborn: boolean, breaches: Breaches): void {
  const { id } = server;
  const { commitIndex, appliedIndex, snapshotIndex, log } = now;
  const last = Math.max(log.lastIndex, snapshotIndex);
  const wrong =
    appliedIndex > commitIndex
      ? `has applied its log up to ${appliedIndex}, but knows it to be committed up to ${commitIndex} only`
      : commitIndex > last
        ? `takes its log for committed up to ${commitIndex}, but it ends at ${last}`
        : log.firstIndex > snapshotIndex + 1
          ? `holds entries from ${log.firstIndex} on, but its snapshot ends at ${snapshotIndex}`
          : isReborn || !server.isKnown
            ? undefined
            : commitIndex < server.commitIndex
              ? `takes its commit index back from ${server.commitIndex} to ${commitIndex}`
              : appliedIndex < server.appliedIndex
                ? `takes its applied index back from ${server.appliedIndex} to ${appliedIndex}`
                : undefined;
  if (wrong === undefined) return;
  const facts = { commitIndex, appliedIndex, lastIndex: log.lastIndex, snapshotIndex };
  breaches.report(INDEXES, { sentence: `${id} ${wrong}`, nodes: [id], facts });
}
