/** The formats of recorded histories: which there are, and which one a text is in. */
import { ConfigError } from '../../base/errors.ts';
import { ednHistory } from './edn-history.ts';
import { etcdLog } from './etcd-log.ts';
import { jsonLines } from './json-lines.ts';
import { placeOf, type HistoryReader } from './pairing.ts';

/** jsonl: JSON lines; edn: Jepsen and Knossos; etcd: Porcupine's register logs; kv: Porcupine's key-value logs (EDN too). */
export const HISTORY_FORMATS = ['jsonl', 'edn', 'etcd', 'kv'] as const;
export type HistoryFormat = (typeof HISTORY_FORMATS)[number];

/** `name`: the file's, for errors. */
function historyReader(format: HistoryFormat, name: string): HistoryReader {
  if (format === 'jsonl') return jsonLines(name);
  return format === 'etcd' ? etcdLog(name) : ednHistory(name);
}

/** The format of a text by its first line that is not blank; undefined when it is in none. */
function formatOf(line: string): HistoryFormat | undefined {
  const text = line.trimStart();
  if (/^(?:INFO|WARN|ERROR|DEBUG|FATAL|TRACE)\s/.test(text)) return 'etcd';
  if (/^\{\s*(?:"|\}|$)/.test(text)) return 'jsonl';
  if (!/^[[({;#]/.test(text)) return undefined;
  return /:f\s+:(?:get|put|append)\b/.test(text) ? 'kv' : 'edn';
}

/** A reader that finds out the format by itself, unless it is given. */
export function anyHistory(
  name: string,
  given?: HistoryFormat,
): HistoryReader & { readonly format: HistoryFormat | undefined } {
  let format = given;
  let reader = format === undefined ? undefined : historyReader(format, name);
  let blank = 0;
  return {
    get format() {
      return format;
    },
    line(text) {
      if (reader === undefined) {
        if (text.trim() === '') {
          blank++;
          return;
        }
        format = formatOf(text);
        if (format === undefined)
          throw new ConfigError(
            placeOf(name, blank + 1),
            text,
            'JSON lines, EDN or a log of operations (see --format)',
          );
        reader = historyReader(format, name);
        for (let i = 0; i < blank; i++) reader.line('');
      }
      reader.line(text);
    },
    end() {
      if (reader === undefined) throw new ConfigError(name, '', 'at least one operation');
      return reader.end();
    },
  };
}
