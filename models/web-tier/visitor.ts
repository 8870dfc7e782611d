/**
 * A visitor of a web site: logs in, looks at pages, and logs in again when he is not known any more. Requests go to the server that answered
 * last (sticky); when it does not answer, to the next. The history has his logins and pages; a page that is refused with `no-session` is
 * a failed one with that error.
 */
import { CallError, ConfigError, KeyedDraws, compile, defineActor, parseDuration } from '../../sim/index.ts';
import type { Actor, Context, Distribution, Duration, Flow, Micros, NodeRef } from '../../sim/index.ts';
import type { WebProtocol } from './web-server.ts';

export interface VisitorOptions {
  readonly servers: readonly NodeRef<WebProtocol>[];
  /** Between two requests. Default exponential with a mean of 200 ms. */
  readonly think?: Distribution;
  /** For each attempt. Default 300 ms. */
  readonly deadline?: Duration;
  /** Nothing begins after this instant of the visitor's clock. */
  readonly until: Duration;
  /** Default `client`. */
  readonly role?: string;
}

export interface VisitorState {
  /** Undefined: not logged in. */
  session: string | undefined;
  /** Index of the server that answered last. */
  server: number;
}

type VisitorContext = Context<VisitorState>;

/** The actor. Counters: logged-out. Throws ConfigError. */
export function visitor(options: VisitorOptions): Actor<VisitorState, Record<never, never>> {
  const { servers } = options;
  if (servers.length === 0) throw new ConfigError('visitor.servers', servers, 'at least one server');
  const think = compile(options.think ?? { kind: 'exponential', mean: '200ms' }, 'visitor.think');
  const deadline = parseDuration(options.deadline ?? '300ms', 'visitor.deadline');
  const until = parseDuration(options.until, 'visitor.until');
  return defineActor<VisitorState, Record<never, never>>({
    role: options.role ?? 'client',
    init: (ctx) => ({ session: undefined, server: ctx.self.index % servers.length }),
    start: (_state, ctx) => ctx.spawn(visit(ctx)),
    phase: ({ session }) => (session === undefined ? 'stranger' : 'known'),
  });

  function* visit(ctx: VisitorContext): Flow {
    const draws = new KeyedDraws(ctx.random.seed, `visitor/${ctx.self.id}`);
    for (let n = 0; ; n++) {
      yield* ctx.sleep(think.sample(draws.at(n)));
      if (ctx.clock.monotonic >= until) return;
      const { session } = ctx.state;
      if (session === undefined) yield* login(ctx);
      else yield* page(ctx, session);
    }
  }

  function* login(ctx: VisitorContext): Flow {
    const user = ctx.self.id;
    const id = ctx.invoked({ f: 'login', key: user });
    try {
      const { session } = (yield* ask(ctx, 'login', { user })) as { session: string };
      ctx.update((state) => (state.session = session));
      ctx.completed(id, 'ok', session);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      ctx.completed(id, error.definite ? 'fail' : 'info', error.code);
    }
  }

  function* page(ctx: VisitorContext, session: string): Flow {
    const id = ctx.invoked({ f: 'page', key: ctx.self.id, input: session });
    try {
      yield* ask(ctx, 'page', { session });
      ctx.completed(id, 'ok', session);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      if (error.code === 'no-session') {
        ctx.count('logged-out');
        ctx.update((state) => (state.session = undefined));
      }
      ctx.completed(id, error.definite ? 'fail' : 'info', error.code);
    }
  }

  /** Asks each server once at most, the one that answered last first. */
  function* ask(ctx: VisitorContext, message: 'login' | 'page', payload: object): Flow<unknown> {
    for (let attempt = 1; ; attempt++) {
      const target = servers[ctx.state.server] as NodeRef;
      try {
        return yield* ctx.forward(target, message, payload, { deadline: deadline as Micros });
      } catch (error) {
        if (!(error instanceof CallError) || error.code === 'no-session' || attempt >= servers.length) throw error;
        ctx.update((state) => (state.server = (state.server + 1) % servers.length));
      }
    }
  }
}
