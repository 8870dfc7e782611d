/** What the three experiments share: how often, with which seeds, under which faults. */
import type { ReplicationOptions } from '../../sim/index.ts';
import type { ExperimentArguments } from '../commands/experiment-options.ts';
import { seedFrom } from '../commands/search-words.ts';
import { quoted } from '../command-text.ts';
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
export function commandText(argv: readonly string[], seed: string): string {
  const hasSeed = argv.some((word) => word === '--seed' || word.startsWith('--seed='));
  return ['orrery', ...argv, ...(hasSeed ? [] : ['--seed', seed])].map(quoted).join(' ');
}
