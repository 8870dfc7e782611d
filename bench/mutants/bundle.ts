/** The hunting program, with one file's text changed on the way in. */
import { readFileSync } from 'node:fs';
import { bundled } from '../bundled.ts';
import { inPackage } from '../package-root.ts';
import { mutated, type Mutant } from './mutant.ts';

/** hunt.ts with all that it needs, as one module; `mutant` undefined: as it is. Throws ConfigError when the mutant does not apply. */
export async function huntingProgram(mutant: Mutant | undefined): Promise<string> {
  const path = mutant === undefined ? undefined : inPackage(mutant.file);
  // Before the build: an error in a plugin would come out as one of the build.
  const text = mutant === undefined ? '' : mutated(readFileSync(inPackage(mutant.file), 'utf8'), mutant);
  return bundled({
    entryPoints: [inPackage('bench/mutants/hunt.ts')],
    plugins: [
      {
        name: 'planted-bug',
        setup({ onLoad }) {
          onLoad({ filter: /\.ts$/ }, (args) => (args.path === path ? { contents: text, loader: 'ts' } : undefined));
        },
      },
    ],
  });
}
