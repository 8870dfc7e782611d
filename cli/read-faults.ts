/** `--faults`: a file, or the faults themselves, as failure messages of tests print them. */
import { ConfigError, parseSchedule, type FaultSchedule } from '../sim/index.ts';
import { parseJson, readJson } from './files.ts';

/** Throws ConfigError. */
export function readFaults(word: string): FaultSchedule {
  if (word.trimStart().startsWith('[')) return parseSchedule(parseJson(word, word, '--faults'));
  const json = readJson(word, '--faults');
  try {
    return parseSchedule(json);
  } catch (error) {
    if (error instanceof ConfigError) error.message = `${word}: ${error.message}`;
    throw error;
  }
}
