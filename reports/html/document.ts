import { contentSecurityPolicy } from '../csp.ts';
import type { PageAssets } from '../html.ts';
import { escapeMarkup, type Markup } from '../markup.ts';

export interface DocumentParts {
  readonly title: string;
  readonly body: Markup;
  readonly assets: Partial<PageAssets> & Pick<PageAssets, 'style'>;
}

/** A whole document under a policy that admits its own style and script and nothing else. */
export function documentOf({ title, body, assets: { script, style } }: DocumentParts): string {
  if (/<\/style/i.test(style)) throw new RangeError('the page style holds "</style", which would end it');
  if (script !== undefined && /<\/script|<!--/i.test(script)) {
    throw new RangeError('the page script holds "</script" or "<!--", which would end it');
  }
  const policy = contentSecurityPolicy(script === undefined ? [] : [script], [style]);
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
${script === undefined ? '' : `<script>${script}</script>\n`}</body>
</html>
`;
}
