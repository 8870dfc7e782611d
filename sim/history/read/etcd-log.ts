/**
 * The log lines of a register test, as Porcupine keeps them of etcd: `INFO  jepsen.util - 4\t:invoke\t:cas\t[1 2]`. Here nil is
 * a value, `:fail :cas` means that the comparison failed, and the order of the lines is the only clock. Lines about anything
 * else (the nemesis, other loggers) are left out.
 */
import { ConfigError } from '../../base/errors.ts';
import { readEdn } from './edn.ts';
import { isEventType, outputOf, Pairing, placeOf, type HistoryReader, type RecordedEvent } from './pairing.ts';

const OPERATION = /^INFO\s+jepsen\.util - (\d+)\s+:(\w+)\s+:([\w-]+)\s+(.*?)\s*$/;
const OTHER = /^(?:INFO|WARN|ERROR|DEBUG|FATAL|TRACE)\s+(?!jepsen\.util - \d)\S/;

export function etcdLog(name: string): HistoryReader {
  const pairing = new Pairing(name);
  const inputs = new Map<string, unknown>();
  let number = 0;
  return {
    line(text) {
      number++;
      const match = OPERATION.exec(text);
      if (match === null || !isEventType(match[2])) {
        if (text.trim() === '' || OTHER.test(text)) return;
        throw new ConfigError(
          placeOf(name, number),
          text,
          'a line such as "INFO  jepsen.util - 4\\t:invoke\\t:write\\t1"',
        );
      }
      const [, process = '', type, f = '', rest = ''] = match;
      const value = valueOf(rest, name, number);
      const client = `c${process}`;
      if (type === 'invoke') inputs.set(client, f === 'read' ? undefined : value);
      const event = { line: number, client, type: type as RecordedEvent['type'], f, key: '' };
      if (type === 'invoke') pairing.add({ ...event, value: inputs.get(client) });
      else if (type === 'ok')
        pairing.add({ ...event, value: f === 'read' ? value : outputOf(inputs.get(client), value) });
      else if (type === 'fail' && f === 'cas' && value !== 'timed-out')
        pairing.add({ ...event, value: undefined, error: 'precondition-failed' });
      else pairing.add({ ...event, value: undefined });
    },
    end: () => pairing.end(),
  };
}

function valueOf(text: string, name: string, line: number): unknown {
  if (text === 'nil') return null;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const pair = /^\[(\d{1,15}) (\d{1,15})\]$/.exec(text);
  if (pair !== null) return [Number(pair[1]), Number(pair[2])];
  // In one more vector, because the outermost one is taken apart.
  const values = readEdn(`[${text}]`, placeOf(name, line));
  if (values.length !== 1) throw new ConfigError(placeOf(name, line), text, 'one value');
  return values[0];
}
