/** Checks at work on nodes whose states a test sets by hand: what a world would tell them, without a world. */
import type { Check, CheckRun, NodeView, Operation, Outcome, RunView, Verdict } from '../../sim/index.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export interface StageOptions {
  /** Names of the nodes. Default n1, n2, n3. */
  readonly nodes?: readonly string[];
  readonly role?: string;
  /** Roles of single nodes. */
  readonly roles?: Readonly<Record<string, string>>;
  readonly end?: number;
  readonly healedAt?: number | undefined;
  readonly firstFaultAt?: number;
}

export class Stage {
  readonly nodes: Mutable<NodeView>[];
  readonly operations: Mutable<Operation>[] = [];
  private readonly runs: { readonly run: CheckRun; readonly watched: readonly string[] }[];
  private readonly clock = { now: 0 };
  private sequence = 0;

  constructor(checks: readonly Check[], options: StageOptions = {}) {
    const { nodes = ['n1', 'n2', 'n3'], role = 'replica', roles = {}, end = 1_000_000 } = options;
    this.nodes = nodes.map((id) => ({
      id,
      role: roles[id] ?? role,
      phase: role,
      status: 'restarting',
      zone: 'z',
      region: 'r',
      life: 0,
      state: undefined,
    }));
    const { clock } = this;
    const view: RunView = {
      get now() {
        return clock.now;
      },
      end,
      healedAt: 'healedAt' in options ? options.healedAt : 0,
      firstFaultAt: options.firstFaultAt,
      nodes: this.nodes,
      operations: this.operations,
      metrics: undefined as never,
      node: (ref) => this.node(typeof ref === 'string' ? ref : ref.id),
      state: <S>(ref: string | { readonly id: string }) => {
        const node = this.node(typeof ref === 'string' ? ref : ref.id);
        return node.status === 'up' || node.status === 'paused' ? (node.state as S) : undefined;
      },
    };
    this.runs = checks.map((check) => ({ run: check.begin(view), watched: check.watches?.(view) ?? [] }));
  }

  get now(): number {
    return this.clock.now;
  }

  set now(at: number) {
    this.clock.now = at;
  }

  node(id: string): Mutable<NodeView> {
    const found = this.nodes.find((node) => node.id === id);
    if (found === undefined) throw new Error(`no node ${id}`);
    return found;
  }

  /** The node handles an event, after which its state is this. */
  set(id: string, state: unknown, at = this.now + 1_000): this {
    const node = this.node(id);
    this.now = at;
    node.status = 'up';
    node.state = state;
    return this.tell(id);
  }

  crash(id: string): this {
    const node = this.node(id);
    this.now += 1_000;
    node.status = 'crashed';
    node.life++;
    return this.tell(id);
  }

  /** An operation of a client, from its invocation to its end. */
  operate(client: string, f: string, key: string, input: unknown, output?: unknown, outcome: Outcome = 'ok'): number {
    const id = this.operations.length;
    const isOpen = outcome === 'info' || outcome === 'pending';
    this.operations.push({
      id,
      client,
      f,
      key,
      input,
      output,
      outcome,
      invoked: this.sequence++,
      completed: isOpen ? Number.MAX_SAFE_INTEGER : this.sequence++,
      invokedAt: this.now,
      completedAt: this.now,
    });
    return id;
  }

  verdicts(): Verdict[] {
    return this.runs.map(({ run }) => run.finish());
  }

  /** Names of what is violated, in order. */
  violated(): string[] {
    return this.verdicts().flatMap(({ check, status }) => (status === 'violated' ? [check] : []));
  }

  verdict(name: string): Verdict {
    const found = this.verdicts().find(({ check }) => check === name);
    if (found === undefined) throw new Error(`no check ${name}`);
    return found;
  }

  private tell(id: string): this {
    for (const { run, watched } of this.runs) if (watched.includes(id)) run.handled?.(this.node(id));
    return this;
  }
}
