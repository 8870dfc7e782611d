/** Finds other simulators on this machine, and runs programs written for them. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Timed } from './contest.ts';
import { inPackage } from './package-root.ts';

export type Peer =
  | {
      readonly version: string;
      /** The program and its first arguments; how many units to do comes last. */
      readonly command: readonly [string, ...string[]];
      /** Removes what was made for it. */
      readonly end?: () => void;
    }
  /** Why it cannot be asked. */
  | { readonly missing: string };

type Present = Exclude<Peer, { readonly missing: string }>;

/** What a command prints; undefined when it is not there or fails. */
function output(command: string, args: readonly string[], input = ''): string | undefined {
  const { status, stdout } = spawnSync(command, args, { input, encoding: 'utf8', timeout: 120_000 });
  return status === 0 ? stdout.trim() : undefined;
}

export function findSimPy(program: string): Peer {
  const version = output('python3', ['-c', 'import simpy; print(getattr(simpy, "__version__", "?"))']);
  if (version === undefined) return { missing: 'SimPy is not installed' };
  return { version: `SimPy ${version}`, command: ['python3', inPackage(program)] };
}

const COMPILERS = [process.env['CXX'] ?? '', 'c++', 'g++', 'clang++'];
const INCLUDES = '#include <ns3/nstime.h>\n#include <ns3/simulator.h>\n';

/** Compiles the program; where its headers and libraries are, pkg-config says, or they are on the compiler's own paths. */
export function findNs3(program: string): Peer {
  const packages = output('pkg-config', ['--list-package-names'])?.split('\n') ?? [];
  const core = packages.map((name) => name.trim()).find((name) => /^(lib)?ns-?3.*core/.test(name));
  const flags = core === undefined ? [] : (output('pkg-config', ['--cflags', '--libs', core]) ?? '').split(/\s+/);
  const found = flags.filter((flag) => flag !== '');
  const compiler = COMPILERS.find(
    (name) => name !== '' && output(name, ['-E', '-x', 'c++', ...found, '-'], INCLUDES) !== undefined,
  );
  if (compiler === undefined) return { missing: 'ns-3 is not installed' };
  const folder = mkdtempSync(join(tmpdir(), 'orrery-bench-'));
  const binary = join(folder, 'program');
  const args = ['-O2', '-std=c++20', inPackage(program), '-o', binary, ...found];
  const { status, stderr } = spawnSync(compiler, args, { encoding: 'utf8' });
  const end = (): void => rmSync(folder, { recursive: true, force: true });
  if (status === 0) return { version: core ?? 'ns-3', command: [binary], end };
  end();
  return {
    missing: `a program for ns-3 does not compile: ${stderr.split('\n').find((line) => line !== '') ?? compiler}`,
  };
}

/** Runs the peer's program for so many units. It prints how many it did and how many seconds that took, as JSON. */
export function timedBy({ command: [program, ...args] }: Present, units: number): Timed {
  const printed = execFileSync(program, [...args, String(units)], { encoding: 'utf8' });
  const { units: done, seconds } = JSON.parse(printed) as { readonly units: number; readonly seconds: number };
  if (!(done > 0 && seconds > 0)) throw new Error(`${program} ${args.join(' ')} printed ${printed}`);
  return { units: done, nanoseconds: seconds * 1e9 };
}
