/** Programs made of the package's own TypeScript. */
import { build, type BuildOptions } from 'esbuild';
import { inPackage } from './package-root.ts';

/** One module with all that it needs. What is given comes on top of how the package is compiled. */
export async function bundled(options: BuildOptions): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: inPackage('.'),
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
    ...options,
  });
  return outputFiles?.[0]?.text ?? '';
}
