/** A node that makes UUIDs (uuid.ts): with no disk, no number and nobody to ask. */
import { ConfigError, defineActor, type Actor } from '../../sim/index.ts';
import { STARTS_AT, type IdProtocol } from './id-protocol.ts';
import { uuidV4, uuidV7, type UuidV7State } from './uuid.ts';

export interface UuidGeneratorOptions {
  /** Default 7. */
  readonly version?: 4 | 7;
  /** Unix time when the run begins, ms. Default 28 June 2022, 16:00 UTC. */
  readonly startsAt?: number;
}

/** Throws ConfigError. */
export function uuidGenerator(options: UuidGeneratorOptions = {}): Actor<UuidV7State, IdProtocol> {
  const { version = 7, startsAt = STARTS_AT } = options;
  if (version !== 4 && version !== 7) throw new ConfigError('uuidGenerator.version', version, '4 or 7');
  if (!(Number.isSafeInteger(startsAt) && startsAt >= 0))
    throw new ConfigError('uuidGenerator.startsAt', startsAt, 'a whole number of at least 0');
  return defineActor<UuidV7State, IdProtocol>({
    role: 'generator',
    init: () => ({ timestamp: -1, counter: 0 }),
    on: {
      generate(state, _request, ctx) {
        if (version === 4) return uuidV4(ctx.random);
        return uuidV7(state, Math.max(0, startsAt + Math.floor(ctx.clock.wall / 1_000)), ctx.random);
      },
    },
  });
}
