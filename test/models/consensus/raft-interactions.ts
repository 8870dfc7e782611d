/**
 * Runs an interaction file: commands to a small Raft group, and what came of them (as etcd's raft tests do).
 *
 * Blocks are separated by empty lines: remarks, one command, `----`, output. No timer fires by itself: `timeout` and `heartbeat`
 * do it; messages take 1 ms, a flush 0.1 ms, and each command runs until nothing is under way. Commands:
 *
 *   group n=3 [pre-vote] [check-quorum] [voters=n1,n2] [lease] [local] [follower-reads] [snapshot=8] [keep=0] [chunk=64] [batch=64] [window=8] [sessions=1000]
 *   log n1 1 1 2 [term=3] [vote=n2]   what n1 has on its disk at its first boot: the terms of its entries
 *   timeout n1 | heartbeat n1         its timer fires
 *   cut n1 n2 | isolate n1 | heal     messages are lost from now on; or no more
 *   limit n1 n2 2                     only two more messages get from n1 to n2
 *   hold n1 n2 | release n1 n2 [last] messages wait; they go on, in order or the last one first
 *   crash n1 | restart n1 | rot n1 FILE [INDEX]
 *   open n1 | write n1 x=1 [seq=2] | read n1 x | reconfigure n1 n1,n2 [learners=n3] | transfer n1 n2
 *   advance 400                       milliseconds pass
 *   states | quiet COMMAND            quiet: only what is not a message
 */
import { limitsFrom } from '../../../sim/kernel/limits.ts';
import { runUntil } from '../../../sim/kernel/engine.ts';
import { CallError } from '../../../sim/world/call-error.ts';
import { crash, restart } from '../../../sim/world/lifecycle.ts';
import { World } from '../../../sim/world/world.ts';
import type { Actor, Flow, NodeRef } from '../../../sim/world/actor.ts';
import type { Context } from '../../../sim/world/context.ts';
import { raft } from '../../../models/consensus/raft/raft.ts';
import { termAt, lastIndex } from '../../../models/consensus/raft/raft-log.ts';
import type { RaftProtocol } from '../../../models/consensus/raft/raft-protocol.ts';
import { configurationOf, freshState, type RaftState } from '../../../models/consensus/raft/raft-state.ts';
import { raftSettings, type RaftOptions, type RaftSettings } from '../../../models/consensus/raft/settings.ts';
import { enterTerm, onDisk, writeEntry } from '../../../models/consensus/raft/storage.ts';
import { messageText, senderOf, type AnyMessage } from './raft-messages.ts';

type Steps = Record<string, (state: RaftState, payload: AnyMessage, ctx: Context<RaftState>) => unknown>;

interface OnDisk {
  readonly terms: readonly number[];
  readonly term: number;
  readonly vote: string | null;
}

/** What a command line says besides its name: words, and `key=value`. */
interface Arguments {
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, string>>;
}

const QUIET_AFTER = 60_000;

class Group {
  private readonly world = new World({ seed: 'interaction' });
  private readonly nodes: NodeRef<RaftProtocol>[];
  private readonly settings: RaftSettings;
  private readonly actor: Actor<RaftState, RaftProtocol>;
  private readonly disks = new Map<string, OnDisk>();
  private readonly limits = new Map<string, number>();
  private readonly held = new Map<string, (() => void)[]>();
  private output: string[] = [];
  private session = '';
  private seq = 0;

  constructor({ words, options }: Arguments) {
    this.world.links({ latency: { kind: 'constant', value: 1_000 }, betweenZones: {}, betweenRegions: {} });
    this.nodes = this.world.refs<RaftProtocol>('n', Number(options['n'] ?? 3));
    const raftOptions = this.optionsFrom(words, options);
    this.settings = raftSettings(raftOptions);
    this.actor = raft(raftOptions);
    for (const node of this.nodes) {
      const disk = { fsync: { kind: 'constant', value: 100 }, crashKeeps: 'nothing' } as const;
      this.world.node(node, { actor: this.listening(node.id), disk, bootTime: 1 });
    }
    this.world.node('client', { actor: { role: 'client', init: () => ({}) } });
  }

  private optionsFrom(words: readonly string[], options: Readonly<Record<string, string>>): RaftOptions {
    const number = (name: string, field: string): object =>
      options[name] === undefined ? {} : { [field]: Number(options[name]) };
    return {
      nodes: this.nodes,
      electionTimeout: '1000s',
      electionSpread: 0,
      heartbeat: '900s',
      preVote: words.includes('pre-vote'),
      checkQuorum: words.includes('check-quorum') || words.includes('lease'),
      reads: words.includes('lease') ? 'lease' : words.includes('local') ? 'local' : 'read-index',
      followerReads: words.includes('follower-reads'),
      patience: '40ms',
      ...(options['voters'] === undefined ? {} : { voters: options['voters'].split(',') }),
      ...number('snapshot', 'snapshotEvery'),
      ...number('keep', 'keepEntries'),
      ...number('chunk', 'chunk'),
      ...number('batch', 'batch'),
      ...number('window', 'window'),
      ...number('sessions', 'mostSessions'),
    };
  }

  /** The server, with everything that it receives written down, lost or held up. */
  private listening(id: string): Actor<RaftState, RaftProtocol> {
    const on: Steps = {};
    for (const [name, step] of Object.entries(this.actor.on as unknown as Steps)) {
      on[name] = (state, message, ctx) => {
        const link = `${senderOf(message)} ${id}`;
        const text = `${senderOf(message)}→${id} ${messageText(name, message)}`;
        const left = this.limits.get(link);
        if (left === 0) {
          this.output.push(`${text} (lost)`);
          return undefined;
        }
        if (left !== undefined) this.limits.set(link, left - 1);
        const holding = this.held.get(link);
        if (holding !== undefined) {
          this.output.push(`${text} (held)`);
          holding.push(() => this.inject(id, (now) => this.received(step, text, now, message, ctx)));
          return undefined;
        }
        return this.received(step, text, state, message, ctx);
      };
    }
    return {
      ...this.actor,
      on: on as never,
      init: (ctx) => this.stateFromDisk(id, ctx),
      start: (state, ctx) => {
        ctx.spawn(onDisk(this.settings, ctx));
        this.actor.start?.(state, ctx);
      },
    };
  }

  private received(step: Steps[string], text: string, state: RaftState, message: AnyMessage, ctx: Context<RaftState>) {
    this.output.push(text);
    return step(state, message, ctx);
  }

  private stateFromDisk(id: string, ctx: Context<RaftState>): RaftState {
    const state = freshState(this.settings);
    const { terms, term, vote } = this.disks.get(id) ?? { terms: [], term: 0, vote: null };
    if (term > 0) enterTerm(state, term, vote, this.settings, ctx);
    terms.forEach((entryTerm, i) => {
      const entry = { index: i + 1, term: entryTerm, before: terms[i - 1] ?? 0, content: { kind: 'none' } } as const;
      writeEntry(state, entry, ctx);
    });
    return state;
  }

  private inject(id: string, step: (state: RaftState) => unknown): void {
    const { world } = this;
    const node = world.named(id);
    world.after(1, { fire: () => void world.step(node, (state) => step(state as RaftState)) });
  }

  private run(length = QUIET_AFTER): void {
    if (!this.world.running) {
      this.world.start();
      this.advance(1_000);
    }
    this.advance(length);
  }

  private advance(length: number): void {
    runUntil(this.world.queue, this.world.now + length, limitsFrom(), () => this.world.dispatch());
  }

  execute(name: string, args: Arguments): string[] {
    this.output = [];
    const { words, options } = args;
    const [first = '', second = ''] = words;
    if (name === 'quiet') {
      const rest = this.execute(first, { words: words.slice(1), options }).filter((line) => !line.includes('→'));
      return rest.length === 0 ? ['ok'] : rest;
    }
    switch (name) {
      case 'log':
        this.preset(first, args);
        return ['ok'];
      case 'states':
        this.run(0);
        return this.nodes.map(({ id }) => this.stateText(id));
      case 'cut':
        this.limits.set(`${first} ${second}`, 0).set(`${second} ${first}`, 0);
        return ['ok'];
      case 'limit':
        this.limits.set(`${first} ${second}`, Number(words[2]));
        return ['ok'];
      case 'isolate':
        for (const { id } of this.nodes) this.limits.set(`${first} ${id}`, 0).set(`${id} ${first}`, 0);
        return ['ok'];
      case 'heal':
        this.limits.clear();
        return ['ok'];
      case 'hold':
        this.held.set(`${first} ${second}`, []);
        return ['ok'];
    }
    this.act(name, args);
    this.run(name === 'advance' ? Number(first) * 1_000 : undefined);
    return this.output.length === 0 ? ['ok'] : this.output;
  }

  private act(name: string, { words, options }: Arguments): void {
    if (!this.world.running) this.run();
    const [first = '', second = ''] = words;
    const { world } = this;
    const node = (): ReturnType<World['named']> => world.named(first);
    const timers = this.actor.timers as unknown as Record<
      string,
      (state: RaftState, ctx: unknown, data: unknown) => void
    >;
    if (name === 'timeout') this.inject(first, (state) => timers['election']?.(state, node().ctx, undefined));
    else if (name === 'heartbeat') this.inject(first, (state) => timers['heartbeat']?.(state, node().ctx, undefined));
    else if (name === 'release') this.release(`${first} ${second}`, words[2] === 'last');
    else if (name === 'crash') crash(world, node());
    else if (name === 'restart') restart(world, node());
    else if (name === 'rot') this.rot(first, second, Number(words[2] ?? 0));
    else if (name !== 'advance') this.request(name, first, words.slice(1), options);
  }

  private preset(id: string, { words, options }: Arguments): void {
    const terms = words.slice(1).map(Number);
    const term = Number(options['term'] ?? terms.at(-1) ?? 0);
    this.disks.set(id, { terms, term, vote: options['vote'] ?? null });
  }

  private release(link: string, lastFirst: boolean): void {
    const waiting = this.held.get(link) ?? [];
    this.held.delete(link);
    for (const go of lastFirst ? waiting.reverse() : waiting) go();
  }

  /** One record rots; the server is down meanwhile. */
  private rot(id: string, file: string, index: number): void {
    const disk = this.world.named(id).disk as unknown as {
      durable: Map<string, { record: unknown; entries: unknown[] }>;
      reread(): void;
    };
    const stored = disk.durable.get(file);
    const damaged = { value: undefined, condition: 'corrupt' };
    if (stored === undefined) throw new Error(`${id} has no file ${file}: ${[...disk.durable.keys()].join(' ')}`);
    if (stored.entries.length > 0) stored.entries[index] = damaged;
    else stored.record = damaged;
    disk.reread();
  }

  private request(name: string, id: string, words: readonly string[], options: Readonly<Record<string, string>>): void {
    const client = this.world.named('client');
    const ctx = client.ctx as Context<object>;
    const to = this.nodes.find((node) => node.id === id) as NodeRef<RaftProtocol>;
    const flow = this.asking(name, to, words, options, ctx);
    this.world.after(1, { fire: () => this.world.spawn(client, flow) });
  }

  private *asking(
    name: string,
    to: NodeRef<RaftProtocol>,
    [what = '']: readonly string[],
    options: Readonly<Record<string, string>>,
    ctx: Context<object>,
  ): Flow {
    const deadline = { deadline: '50ms' };
    try {
      if (name === 'open') {
        const { session } = yield* ctx.call(to, 'open', {}, deadline);
        this.session = session;
        this.seq = 0;
        this.output.push(`client: session ${session}`);
      } else if (name === 'write') {
        const [key = '', value = ''] =
          Object.entries(options).find(([field]) => field !== 'seq' && field !== 'session') ?? [];
        const seq = options['seq'] === undefined ? ++this.seq : Number(options['seq']);
        const command = { f: 'write', key, value, session: options['session'] ?? this.session, seq } as const;
        const { applied } = yield* ctx.call(to, 'update', command, deadline);
        this.output.push(`client: ${key}=${value} ${applied ? 'applied' : 'not applied'}`);
      } else if (name === 'read') {
        const { value } = yield* ctx.call(to, 'read', { key: what }, deadline);
        this.output.push(`client: ${what} is ${String(value)}`);
      } else if (name === 'reconfigure') {
        const learners = options['learners']?.split(',') ?? [];
        const { index } = yield* ctx.call(to, 'reconfigure', { voters: what.split(','), learners }, deadline);
        this.output.push(`client: configured at ${index}`);
      } else if (name === 'transfer') {
        const { term } = yield* ctx.call(to, 'transfer', { to: what }, deadline);
        this.output.push(`client: handed over, term ${term}`);
      } else throw new Error(`no such command: ${name}`);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      this.output.push(`client: ${error.code}${error.definite ? '' : ' (unknown)'}`);
    }
  }

  private stateText(id: string): string {
    const { status, state } = this.world.named(id);
    if (status !== 'up') return `${id} ${status}`;
    const { role, term, votedFor, log, commitIndex, broken, lost, machine } = state as RaftState;
    const terms = Array.from({ length: log.entries.length }, (_, i) => termAt(log, log.base.index + 1 + i));
    const base = log.base.index === 0 ? '' : `[${log.base.index}/${log.base.term}] `;
    const { voters, outgoing, learners } = configurationOf(state as RaftState);
    const others = `${outgoing.length > 0 ? ` from ${outgoing.join(',')}` : ''}${learners.length > 0 ? ` learning ${learners.join(',')}` : ''}`;
    const members = voters.length === this.nodes.length && others === '' ? '' : ` voters ${voters.join(',')}${others}`;
    const values = Object.entries(machine.values).map(([key, value]) => ` ${key}=${String(value)}`);
    const trouble =
      broken !== '' ? ` BROKEN: ${broken}` : lost === null ? '' : ` LOST up to ${lost.index}/${lost.term}`;
    const vote = votedFor === null ? '' : ` vote ${votedFor}`;
    return `${id} ${role} term ${term}${vote} log ${base}${terms.join(' ')} (${lastIndex(log)}) commit ${commitIndex}${values.join('')}${members}${trouble}`;
  }
}

const parse = (words: readonly string[]): Arguments => ({
  words: words.filter((word) => !word.includes('=')),
  options: Object.fromEntries(
    words.filter((word) => word.includes('=')).map((word) => word.split('=') as [string, string]),
  ),
});

/** The same file, with the output that its commands have now. */
export function replayed(text: string): string {
  let group: Group | undefined;
  const blocks = text.trim().split(/\n\n+/);
  const replayedBlocks = blocks.map((block) => {
    const lines = block.split('\n');
    const remarks = lines.filter((line) => line.startsWith('#'));
    const command = lines.find((line) => !line.startsWith('#') && line !== '----');
    if (command === undefined) return remarks.join('\n');
    const [name = '', ...words] = command.split(/\s+/);
    let output: string[];
    if (name === 'group') {
      group = new Group(parse(words));
      output = ['ok'];
    } else {
      if (group === undefined) throw new Error(`${command}: there is no group yet`);
      output = group.execute(name, parse(words));
    }
    return [...remarks, command, '----', ...output].join('\n');
  });
  return `${replayedBlocks.join('\n\n')}\n`;
}
