/** Repros, from where they lie. */
import { ConfigError, parseRepro, type Repro } from '../sim/index.ts';
import { parseJson, readText } from './files.ts';

/** A page carries its repro in a script element of this id. */
const IN_PAGE = /<script[^>]*\bid="orrery-repro"[^>]*>([\s\S]*?)<\/script>/;

/** Reads a repro from a repro file or out of a page. Throws ConfigError. */
export function readRepro(path: string): Repro {
  const text = readText(path, 'repro file');
  const page = IN_PAGE.exec(text);
  if (page === null && /^\s*</.test(text))
    throw new ConfigError('repro file', path, 'a repro, or a page of orrery that holds one');
  const value = parseJson(page?.[1] ?? text, path, 'repro file');
  if (typeof value === 'object' && value !== null && 'findings' in value)
    throw new ConfigError(
      'repro file',
      path,
      'the repro of one finding, as it lies beside this file of a whole search',
    );
  return parseRepro(value, path);
}
