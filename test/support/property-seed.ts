/**
 * Gives fast-check one seed in every test file, so that a clean checkout passes or fails each time it is tested.
 * `ORRERY_PROPERTY_SEED=N` takes another 32-bit seed, `ORRERY_PROPERTY_SEED=random` a new one for each property, as fast-check does
 * when left alone.
 */
import fc from 'fast-check';

const asked = process.env['ORRERY_PROPERTY_SEED'] ?? '20261122';

if (asked !== 'random') {
  const seed = Number(asked);
  if (!/^-?\d+$/.test(asked) || (seed | 0) !== seed)
    throw new Error(`ORRERY_PROPERTY_SEED: ${JSON.stringify(asked)}, expected a 32-bit whole number or random`);
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
}
