/** The content security policy of a self-contained page: nothing from outside, nothing inline but what is hashed here. */
import { sha256 } from '@noble/hashes/sha2.js';
import { base64 } from './base64.ts';

/** The source expression of one inline script or style: `'sha256-…'`. */
const hashSource = (content: string): string => `'sha256-${base64(sha256(new TextEncoder().encode(content)))}'`;

export interface PolicyOptions {
  /** Admit workers that the page's own script makes of what the page carries. Default false. */
  readonly worker?: boolean;
}

export function contentSecurityPolicy(
  scripts: readonly string[],
  styles: readonly string[],
  { worker = false }: PolicyOptions = {},
): string {
  const sources = (contents: readonly string[]): string => contents.map(hashSource).join(' ') || "'none'";
  return [
    "default-src 'none'",
    `script-src ${sources(scripts)}`,
    `style-src ${sources(styles)}`,
    ...(worker ? ['worker-src blob:'] : []),
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}
