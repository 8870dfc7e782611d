/** Mistakes in Multi-Paxos: in its acceptors and proposers. */
import type { Mutant } from './mutant.ts';

const ROOM = 'models/consensus/paxos';
const DURABLE = { scenario: 'paxos-durable-promise' } as const;

export const PAXOS_MUTANTS: readonly Mutant[] = [
  {
    ...DURABLE,
    name: 'promise-told-before-fsync',
    bug: 'An acceptor tells its promise while it is still on its way to the disk.',
    file: `${ROOM}/accepting.ts`,
    find: `  if (isAllOnDisk(ctx)) tellPromise(state, message, settings, ctx);
  else ctx.spawn(promiseDurably(message, settings, ctx));`,
    replace: `  void promiseDurably;
  tellPromise(state, message, settings, ctx);`,
    profile: 'crashes',
    property: 'promises never go back',
  },
  {
    ...DURABLE,
    name: 'vote-told-before-fsync',
    bug: 'An acceptor tells its vote while it is still on its way to the disk.',
    file: `${ROOM}/accepting.ts`,
    find: `  if (isAllOnDisk(ctx)) tellAccepted(state, message, settings, ctx);
  else ctx.spawn(acceptDurably(message, settings, ctx));`,
    replace: `  void acceptDurably;
  tellAccepted(state, message, settings, ctx);`,
    profile: 'crashes',
    property: 'promises never go back',
  },
  {
    ...DURABLE,
    name: 'promise-not-read-back',
    bug: 'A restarted acceptor knows its votes, and not the promises that it gave without voting.',
    file: `${ROOM}/recovery.ts`,
    find: '    state.promised = record.promised;\n',
    replace: '',
    profile: 'crashes',
    property: 'promises never go back',
  },
  {
    ...DURABLE,
    name: 'takeover-forgets-the-votes',
    bug: 'A new leader fills every open slot with a no-op, also where votes were reported to it.',
    file: `${ROOM}/electing.ts`,
    find: "content: report?.content ?? { kind: 'none' }",
    replace: "content: { kind: 'none' }",
    profile: 'crashes',
    property: 'later ballots keep the chosen value',
  },
  {
    ...DURABLE,
    name: 'promises-one-too-few',
    bug: 'A proposer leads with one promise less than a quorum of phase 1.',
    file: `${ROOM}/electing.ts`,
    find: 'candidacy.promises.length >= settings.prepareQuorum',
    replace: 'candidacy.promises.length >= settings.prepareQuorum - 1',
    profile: 'crashes',
    property: 'later ballots keep the chosen value',
  },
  {
    ...DURABLE,
    name: 'chosen-with-one-too-few',
    bug: 'A leader takes a value for chosen with one vote less than a quorum of phase 2.',
    file: `${ROOM}/leading.ts`,
    find: 'acceptors.length < settings.acceptQuorum',
    replace: 'acceptors.length < settings.acceptQuorum - 1',
    profile: 'crashes',
    property: 'only chosen values are learned',
  },
];
