/** Says whether this page has run the run again, and with what digest; holds what becomes of a changed past. */
import { html, type Markup } from '../markup.ts';

/** `able`: the page carries the simulator and the scenario. */
export function rerunBar(able: boolean): Markup {
  const said = able
    ? html`<noscript>The page can run this again itself, with scripts on.</noscript>`
    : 'This page carries no simulator: it shows what was recorded and cannot run it again.';
  return html`<div class="rerun" id="rerun"><p id="rerun-said" class="quiet" role="status">${said}</p></div>`;
}
