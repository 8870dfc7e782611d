/** What the three experiments share: how often, with which seeds, under which faults. */
import type { ReplicationOptions } from '../../sim/index.ts';
import type { ExperimentArguments } from '../commands/experiment-options.ts';
import { seedFrom } from '../commands/search-words.ts';
import { readFaults } from '../read-faults.ts';

/** Throws ConfigError. */
export function replicationOptions(args: ExperimentArguments): ReplicationOptions {
  return {
    seed: seedFrom(args.seed),
    replications: args.replications,
    warmUp: args.warmUp,
    ...(args.faults === undefined ? {} : { faults: readFaults(args.faults) }),
  };
}

/** The command as it was given, with the seed that was used. */
export const commandText = (argv: readonly string[], seed: string): string => {
  const words = ['orrery', ...argv, ...(argv.includes('--seed') ? [] : ['--seed', seed])];
  return words
    .map((word) => (/^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`))
    .join(' ');
};
