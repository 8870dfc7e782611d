/** Where in the user's own code an error came from. */
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const OWN = fileURLToPath(new URL('..', import.meta.url));

/** `mine.ts:12` of the first frame that is neither Orrery's nor Node's; undefined when there is none. */
function placeOf(error: unknown): string | undefined {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (!(cause instanceof Error) || cause.stack === undefined) return undefined;
  for (const line of cause.stack.split('\n').slice(1)) {
    const frame = /\(?((?:file:\/\/)?\/[^()]*?):(\d+):\d+\)?$/.exec(line.trim());
    if (frame === null) continue;
    const [, place = '', row = ''] = frame;
    const path = place.startsWith('file:') ? fileURLToPath(place) : place;
    if (!path.startsWith(OWN) && !path.includes('/node_modules/')) return `${relative('.', path)}:${row}`;
  }
  return undefined;
}

/** The error's message, with the place where the user's code threw it. */
export function messageOf(error: Error): string {
  const place = error.cause === undefined ? undefined : placeOf(error);
  return place === undefined ? error.message : `${place}: ${error.message}`;
}
