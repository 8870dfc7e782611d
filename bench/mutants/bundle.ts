/** The hunting program, with one file's text changed on the way in. */
import { readFileSync } from 'node:fs';
import { bundled } from '../bundled.ts';
import { inPackage } from '../package-root.ts';
import { mutated, type Mutant } from './mutant.ts';

/** A scenario and hunt.ts with all that they need, as one module; `mutant` undefined: as it is. Throws ConfigError when the mutant does not apply. */
export async function huntingProgram(scenario: string, mutant?: Mutant): Promise<string> {
  const path = mutant === undefined ? undefined : inPackage(mutant.file);
  // Before the build: an error in a plugin would come out as one of the build.
  const text = mutant === undefined ? '' : mutated(readFileSync(inPackage(mutant.file), 'utf8'), mutant);
  const contents = `import scenario from './scenarios/${scenario}.ts'; import { hunting } from './bench/mutants/hunt.ts'; hunting(scenario);`;
  return bundled({
    stdin: { contents, resolveDir: inPackage('.'), loader: 'ts' },
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
