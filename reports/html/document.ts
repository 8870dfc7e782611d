import { contentSecurityPolicy } from '../csp.ts';
import type { PageAssets } from '../html.ts';
import { escapeMarkup, type Markup } from '../markup.ts';
import { bytesBlock, type Compress, utf8 } from './packed-block.ts';

export interface DocumentParts {
  readonly title: string;
  readonly body: Markup;
  readonly assets: Partial<PageAssets> & Pick<PageAssets, 'style'>;
  /** The page carries an engine, which runs as a worker. */
  readonly worker?: boolean;
  /** Gzip: the script travels compressed when there is a loader that unpacks it. */
  readonly compress?: Compress;
}

/** A whole document under a policy that admits its own style and script and nothing else. */
export function documentOf({ title, body, assets, worker = false, compress }: DocumentParts): string {
  const { script, style, loader } = assets;
  const { admitted, ...scripts } = script === undefined ? { admitted: [] } : scriptOf(script, loader, compress);
  const policy = contentSecurityPolicy(admitted, [style], { worker });
  return frame({ title, policy, style, body: body.text, ...scripts });
}

/** How a script travels, and what the policy has to admit for it. */
function scriptOf(script: string, loader: string | undefined, compress: Compress): Scripts {
  if (compress === undefined || loader === undefined) return { admitted: [script], script };
  const packed = bytesBlock('page-script', utf8(script), compress).text;
  return { admitted: [loader, script], packed, script: loader };
}

interface Scripts {
  readonly admitted: readonly string[];
  readonly packed?: string;
  readonly script: string;
}

/** What a page is made of that carries a seed in place of a trace. */
export interface SeedDocumentParts {
  readonly title: string;
  /** What can be read before anything is unpacked, up to the end of `<main>`. */
  readonly body: Markup;
  readonly assets: PageAssets & Required<Pick<PageAssets, 'seedLoader'>>;
  /** Goes to the end of `<main>`. */
  readonly rest: Markup;
  readonly engine: string;
  readonly squeeze: (bytes: Uint8Array) => Uint8Array;
  readonly compress?: Compress;
}

/** Until the page's own style is unpacked. */
const FIRST_STYLE = 'body{font:14px/1.5 system-ui,sans-serif;margin:1rem}';

/** Everything but the verdict and what led to it in one piece, as small as can be. Throws RangeError when a text holds NUL. */
export function seedDocumentOf({ title, body, assets, rest, engine, squeeze, compress }: SeedDocumentParts): string {
  const { style, script, seedLoader, loader } = assets;
  const texts = [style, rest.text, engine, script];
  if (texts.some((text) => text.includes('\0'))) throw new RangeError('a text of the page holds NUL, which parts them');
  const packed = bytesBlock('packed', utf8(texts.join('\0')), squeeze, 'squeezed-septets');
  const { admitted, ...scripts } = scriptOf(seedLoader, loader, compress);
  const policy = contentSecurityPolicy([...admitted, script], [FIRST_STYLE, style], { worker: true });
  return frame({ title, policy, style: FIRST_STYLE, body: body.text + packed.text, ...scripts });
}

interface Frame {
  readonly title: string;
  readonly policy: string;
  readonly style: string;
  readonly body: string;
  readonly packed?: string;
  readonly script?: string;
}

function frame({ title, policy, style, body, packed = '', script }: Frame): string {
  if (/<\/style/i.test(style)) throw new RangeError('the page style holds "</style", which would end it');
  if (script !== undefined && /<\/script|<!--/i.test(script)) {
    throw new RangeError('the page script holds "</script" or "<!--", which would end it');
  }
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeMarkup(title)}</title>
<style>${style}</style>
</head>
<body>
${body}
${packed}${script === undefined ? '' : `<script>${script}</script>\n`}</body>
</html>
`;
}
