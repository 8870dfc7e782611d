/** Values of operations and parameters in one short line. */
import { canonicalJson } from '../sim/base/json.ts';

/** At most `most` characters; what is cut is counted. */
function shortened(text: string, most = 80): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}… (${text.length} characters)`;
}

/** A value as a reader would write it: bare words and numbers, JSON for the rest, `nothing` for absent. */
export function valueText(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'string') return /^[\w.:/@+-]+$/.test(value) ? value : shortened(JSON.stringify(value));
  return shortened(canonicalJson(value));
}
