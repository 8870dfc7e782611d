/**
 * Histories of Jepsen and Knossos: EDN maps, one after the other or in one vector or list, such as
 * `{:process 4, :type :invoke, :f :write, :value 2}`; `:key` (as in Porcupine's key-value logs), `:time` (nanoseconds) and
 * `:error` where they are known. Events of `:nemesis`, and of other processes that are no number, are no operations.
 * A completed operation whose value is nil returned something unknown. `:fail` did not happen, `:info` is unknown.
 */
import { ConfigError } from '../../base/errors.ts';
import { canonicalJson } from '../../base/json.ts';
import { EdnReader } from './edn.ts';
import { isEventType, outputOf, Pairing, placeOf, type HistoryReader } from './pairing.ts';

/** Operations whose completion carries an answer, even when it is what the invocation said. */
const ANSWERS = ['read', 'get', 'dequeue'];

export function ednHistory(name: string): HistoryReader {
  const pairing = new Pairing(name);
  const inputs = new Map<string, unknown>();
  const reader = new EdnReader(name, (value, line) => {
    const map = (typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}) as Record<
      string,
      unknown
    >;
    const { process, type, f, key, error, time } = map;
    if (typeof process === 'string' && type !== undefined && f !== undefined) return;
    if (typeof process !== 'number' || !isEventType(type) || typeof f !== 'string')
      throw new ConfigError(
        placeOf(name, line),
        value,
        'a map with :process, :type (:invoke, :ok, :fail or :info) and :f',
      );
    const client = `c${process}`;
    const given = map['value'] ?? undefined;
    if (type === 'invoke') inputs.set(client, given);
    const output = ANSWERS.includes(f) ? given : outputOf(inputs.get(client), given);
    pairing.add({
      line,
      client,
      type,
      f,
      key: textOf(key),
      // A dequeue that returned nil found nothing; a read that returned nil said nothing.
      value: type === 'invoke' ? given : f === 'dequeue' ? (output ?? null) : output,
      ...(error === undefined || error === null ? {} : { error: textOf(error) }),
      ...(typeof time === 'number' ? { at: Math.round(time / 1_000) } : {}),
    });
  });
  return {
    line: (text) => reader.line(text),
    end() {
      reader.end();
      return pairing.end();
    },
  };
}

const textOf = (value: unknown): string =>
  value === undefined || value === null ? '' : typeof value === 'string' ? value : canonicalJson(value);
