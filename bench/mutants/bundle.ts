/** Programs made of the package's own TypeScript, with one file's text changed on the way in. */
import { readFileSync } from 'node:fs';
import { build } from 'esbuild';
import { inPackage } from '../package-root.ts';
import { mutated, type Mutant } from './mutant.ts';

/** hunt.ts with all that it needs, as one module; `mutant` undefined: as it is. Throws ConfigError when the mutant does not apply. */
export async function huntingProgram(mutant: Mutant | undefined): Promise<string> {
  const path = mutant === undefined ? undefined : inPackage(mutant.file);
  // Before the build: an error in a plugin would come out as one of the build.
  const text = mutant === undefined ? '' : mutated(readFileSync(inPackage(mutant.file), 'utf8'), mutant);
  const { outputFiles } = await build({
    entryPoints: [inPackage('bench/mutants/hunt.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'silent',
    // For dependencies that are CommonJS and want Node's own modules.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    // As tsconfig.json says.
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
    plugins: [
      {
        name: 'planted-bug',
        setup({ onLoad }) {
          onLoad({ filter: /\.ts$/ }, (args) => (args.path === path ? { contents: text, loader: 'ts' } : undefined));
        },
      },
    ],
  });
  return outputFiles[0]?.text ?? '';
}
