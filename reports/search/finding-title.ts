import { html, isolated, type Markup } from '../markup.ts';

/** Only a path beside the page is linked. */
const isLocal = (address: string): boolean => /^[\w.%-]+$/.test(address);

/** The violated property, linked to the finding's page when there is one. */
export function findingTitle(property: string, page: string | undefined): Markup {
  const title = isolated(property);
  return page !== undefined && isLocal(page) ? html`<a href="${page}">${title}</a>` : title;
}
