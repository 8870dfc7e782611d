// TypeScript to JavaScript for Jest: types are stripped, nothing is checked here (tsc does that).
const esbuild = require('esbuild');

module.exports = {
  process: (source, sourcefile) =>
    esbuild.transformSync(source, { loader: 'ts', format: 'esm', target: 'node20', sourcefile, sourcemap: 'inline' }),
};
