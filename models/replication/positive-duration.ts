import { ConfigError, parseDuration, type Duration, type Micros } from '../../sim/index.ts';

/** A period, or the time that an attempt may take: 0 would go round for ever at one instant. Throws ConfigError naming the field. */
export function positiveDuration(value: Duration, field: string): Micros {
  const duration = parseDuration(value, field);
  if (duration === 0) throw new ConfigError(field, value, 'a duration above 0');
  return duration;
}
