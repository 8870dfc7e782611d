/** The form of an actor, checked wherever one comes in: types are not there at run time, and not in JavaScript at all. */
import { ConfigError } from '../base/errors.ts';
import { refuseUnknownFields } from '../base/known-fields.ts';

const ACTOR_FIELDS = ['role', 'init', 'recover', 'start', 'on', 'flows', 'forward', 'timers', 'books', 'phase'];

type Handlers = Readonly<Record<string, unknown>>;

/**
 * Throws ConfigError when a value is no actor; when a step is a generator or async function, which would be made and never run; when
 * a flow can be none; when a message has two handlers.
 */
export function checkActor(value: unknown): void {
  const actor = value as Handlers | null | undefined;
  if (typeof actor !== 'object' || actor === null || typeof actor['role'] !== 'string' || actor['init'] === undefined) {
    throw new ConfigError('actor', value, 'an actor: at least a role and init, best made with defineActor');
  }
  const where = `actor ${actor['role']}`;
  refuseUnknownFields(actor, ACTOR_FIELDS, where);
  const { init, recover, start } = actor;
  const [on, flows, timers] = [actor['on'] ?? {}, actor['flows'] ?? {}, actor['timers'] ?? {}] as Handlers[];
  for (const [name, step] of [{ init, recover, start }, on, timers].flatMap((steps) => Object.entries(steps ?? {}))) {
    if (step !== undefined && kindOf(step) !== 'Function') {
      const expected = 'a plain function: what waits is a flow, in `flows` or started with ctx.spawn';
      throw new ConfigError(`${where}: ${name}`, kindOf(step), expected);
    }
  }
  for (const [name, flow] of Object.entries(flows ?? {})) {
    // A plain function may return a generator.
    if (!['GeneratorFunction', 'Function'].includes(kindOf(flow))) {
      throw new ConfigError(`${where}: flow ${name}`, kindOf(flow), 'a generator function');
    }
    if (Object.hasOwn(on ?? {}, name)) {
      throw new ConfigError(`${where}: message`, name, 'one handler, in `on` or in `flows`, not both');
    }
  }
}

const kindOf = (value: unknown): string => (typeof value === 'function' ? value.constructor.name : typeof value);
