/** Several policies around one call, and where their states are kept. */
import { ConfigError, NEVER, withFunctions } from '../../sim/index.ts';
import type { Context, Flow } from '../../sim/index.ts';
import type { Attempt, CallScope, Policy, PolicyContext, PolicyHost } from './policy.ts';

/** Where a host keeps the states of one chain: one entry for each policy. */
export type PolicyStates = unknown[];

/** Finds the states of a chain in the state of its host. */
export type PlaceOf<S> = (state: S) => PolicyStates;

/** Policies that stand around each other, the first outermost. Holds options only. */
export class PolicyChain {
  readonly policies: readonly Policy[];

  /** Throws ConfigError, also when two have one name. */
  constructor(policies: readonly Policy[], field: string) {
    this.policies = policies;
    if (!Array.isArray(policies)) throw new ConfigError(field, policies, 'a list of policies');
    for (const [i, policy] of policies.entries()) {
      const { name } = withFunctions(policy, ['init', 'around'], `${field}[${i}]`, 'a policy, such as bulkhead()');
      if (policies.findIndex((other) => other.name === name) < i) {
        throw new ConfigError(`${field}[${i}].name`, name, 'a name that no other policy of the chain has');
      }
    }
  }

  init(): PolicyStates {
    return this.policies.map((policy) => policy.init());
  }

  /** Makes the call through every policy. `label` tells apart chains of one node. */
  run<S, T>(call: Attempt<T>, scope: CallScope, ctx: Context<S>, placeOf: PlaceOf<S>, label = ''): Flow<T> {
    let inner = call;
    for (let i = this.policies.length - 1; i >= 0; i--) {
      const policy = this.policies[i] as Policy;
      const host = hostOf(ctx, placeOf, i, label === '' ? policy.name : `${label} ${policy.name}`);
      const around = inner;
      inner = (now) => policy.around(around, now, host);
    }
    return inner(scope);
  }
}

function hostOf<S>(ctx: Context<S>, placeOf: PlaceOf<S>, index: number, prefix: string): PolicyHost<unknown> {
  return {
    ctx: ctx as unknown as PolicyContext,
    read: () => placeOf(ctx.state)[index],
    update: (recipe) => ctx.update((state) => recipe(placeOf(state)[index])),
    named: (name) => (name === '' ? prefix : `${prefix} ${name}`),
  };
}

/** A wait until `expires`: what `ctx.wait` and `ctx.sleep` can be given, also when there is no end. */
export const until = (expires: number, now: number): number => Math.max(0, Math.min(expires - now, NEVER / 16));
