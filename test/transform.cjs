// Jest's transformer: types are stripped by esbuild, nothing is checked here (tsc does that).
const { createHash } = require('node:crypto');
const esbuild = require('esbuild');

module.exports = {
  getCacheKey: (source, path) => createHash('sha256').update(`${esbuild.version}\0${path}\0${source}`).digest('hex'),
  process(source, path) {
    const { code } = esbuild.transformSync(source, {
      loader: 'ts',
      format: 'esm',
      target: 'node20',
      sourcefile: path,
      sourcemap: 'inline',
    });
    return { code };
  },
};
