import { base64 } from '../base64.ts';
import { contentSecurityPolicy } from '../csp.ts';
import type { PageAssets } from '../html.ts';
import { escapeMarkup, type Markup } from '../markup.ts';

export interface DocumentParts {
  readonly title: string;
  readonly body: Markup;
  readonly assets: Partial<PageAssets> & Pick<PageAssets, 'style'>;
  /** The page carries an engine, which runs as a worker. */
  readonly worker?: boolean;
  /** Gzip: the script travels compressed, and a small one unpacks it. */
  readonly compress?: ((bytes: Uint8Array) => Uint8Array) | undefined;
}

/** Unpacks the page's script and adds it to the document: the policy knows its hash. */
const LOADER = `(async()=>{const d=document,p=d.getElementById('page-script').textContent,s=d.createElement('script');s.textContent=await new Response(new Blob([Uint8Array.from(atob(p),c=>c.charCodeAt(0))]).stream().pipeThrough(new DecompressionStream('gzip'))).text();d.body.append(s)})()`;

/** The script elements, and what the policy has to admit for them. */
function scriptOf(
  script: string,
  compress: DocumentParts['compress'],
): { markup: string; admitted: readonly string[] } {
  if (compress === undefined) return { markup: `<script>${script}</script>\n`, admitted: [script] };
  const packed = base64(compress(new TextEncoder().encode(script)));
  return {
    markup: `<script type="text/plain" id="page-script">${packed}</script>\n<script>${LOADER}</script>\n`,
    admitted: [LOADER, script],
  };
}

/** A whole document under a policy that admits its own style and script and nothing else. */
export function documentOf({
  title,
  body,
  assets: { script, style },
  worker = false,
  compress,
}: DocumentParts): string {
  if (/<\/style/i.test(style)) throw new RangeError('the page style holds "</style", which would end it');
  if (script !== undefined && /<\/script|<!--/i.test(script)) {
    throw new RangeError('the page script holds "</script" or "<!--", which would end it');
  }
  const { markup, admitted } = script === undefined ? { markup: '', admitted: [] } : scriptOf(script, compress);
  const policy = contentSecurityPolicy(admitted, [style], { worker });
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
${body.text}
${markup}</body>
</html>
`;
}
