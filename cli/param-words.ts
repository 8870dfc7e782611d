/** Reads `--param name=value` words. Throws ConfigError. */
import { ConfigError } from '../sim/index.ts';

export function readParamWords(words: readonly string[]): Readonly<Record<string, unknown>> {
  const params: Record<string, unknown> = {};
  for (const word of words) {
    const at = word.indexOf('=');
    if (at < 1) throw new ConfigError('--param', word, 'name=value');
    const name = word.slice(0, at);
    if (Object.hasOwn(params, name)) throw new ConfigError('--param', word, `${name} once`);
    params[name] = word.slice(at + 1);
  }
  return params;
}
