/** What the numbers belong to. */
import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import { VERSION } from '../sim/version.ts';

export interface Machine {
  readonly orrery: string;
  readonly node: string;
  readonly v8: string;
  readonly system: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryMiB: number;
}

export const machine = (): Machine => ({
  orrery: VERSION,
  node: process.versions.node,
  v8: process.versions.v8,
  system: `${platform()} ${release()} ${arch()}`,
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  memoryMiB: Math.round(totalmem() / 2 ** 20),
});

/** `Node 20.19.5 · Some CPU · 2 cores`. */
export const machineText = ({ node, cpu, cores }: Machine): string =>
  `Node ${node} · ${cpu} · ${cores} ${cores === 1 ? 'core' : 'cores'}`;
