#!/usr/bin/env node
/** The command line. Trivial flags are answered before yargs is loaded (it costs about 100 ms). */
import { VERSION } from '../sim/version.ts';

// A reader that goes away, as `head` does, is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
});

const [first] = process.argv.slice(2);
if (first === '--version' || first === '-V') {
  process.stdout.write(`${VERSION}\n`);
} else {
  const { main } = await import('./main.ts');
  process.exitCode = await main(process.argv.slice(2));
}
