/** Buttons and keys: what they do to the selection and the window. */
import type { PageData } from '../page-data.ts';
import { element } from './elements.ts';
import { listenForKeys } from './keys.ts';
import type { Panes } from './panes.ts';

/** The violation; in a run that held the last change of role, or the first fault. */
export function failureRow({ steps }: PageData): number {
  const shown = steps.filter(({ row }) => row > 0);
  const step = shown.find(({ kind }) => kind === 'violation') ?? shown.findLast(({ kind }) => kind === 'phase');
  return (step ?? shown[0])?.row ?? 0;
}

export function wireControls({ stage, store, list }: Panes): void {
  const showFailure = (): void => {
    const { page } = stage;
    store.select(failureRow(page));
    store.show(page.opening[0], page.opening[1]);
  };
  const showAll = (): void => store.show(0, stage.page.end);
  const goToStep = (number: number): void => {
    const { steps, recorded } = stage.page;
    const step = steps[number - 1];
    if (step === undefined) return;
    if (recorded !== undefined && (step.at < recorded[0] || step.at > recorded[1])) {
      store.miss(step.at);
      return;
    }
    store.select(step.row);
    store.reveal(step.at);
  };
  const keys = element('keys', HTMLElement);
  const toggle = element('show-keys', HTMLButtonElement);
  const showKeys = (shown = keys?.hidden === true): void => {
    if (keys === undefined) return;
    keys.hidden = !shown;
    toggle?.setAttribute('aria-expanded', String(!keys.hidden));
    store.changed();
  };
  const search = element('search', HTMLInputElement);
  search?.addEventListener('input', () => list.search(search.value));
  toggle?.addEventListener('click', () => showKeys());
  element('zoom-failure', HTMLButtonElement)?.addEventListener('click', showFailure);
  element('show-past', HTMLButtonElement)?.addEventListener('click', () => store.togglePast());
  element('zoom-all', HTMLButtonElement)?.addEventListener('click', showAll);
  // On the document: the steps are written again when the run is.
  document.addEventListener('click', ({ target }) => {
    const button = target instanceof Element ? target.closest<HTMLElement>('[data-step]') : null;
    if (button !== null) goToStep(Number(button.dataset['step']));
  });
  const selectedAt = (): number | undefined => {
    const at = stage.trace.at[store.row - 1];
    return at !== undefined && at >= store.view.from && at <= store.view.to ? at : undefined;
  };
  const next = (): void => list.step(1);
  const previous = (): void => list.step(-1);
  listenForKeys({
    j: next,
    k: previous,
    ArrowDown: next,
    ArrowUp: previous,
    p: () => list.cause(),
    n: () => list.effect(),
    w: () => store.zoom(0.7, selectedAt()),
    s: () => store.zoom(1 / 0.7, selectedAt()),
    a: () => store.pan(-0.2),
    d: () => store.pan(0.2),
    c: () => store.togglePast(),
    f: showFailure,
    '0': showAll,
    '/': () => search?.focus(),
    '?': () => showKeys(),
    Escape: () => showKeys(false),
    ...Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((number) => [String(number), () => goToStep(number)])),
  });
}

/** The button that copies the command. */
export function offerCopy(): void {
  const said = element('copy-said', HTMLElement);
  const command = element('replay-command', HTMLElement);
  element('copy-replay', HTMLButtonElement)?.addEventListener('click', () => {
    const text = command?.textContent ?? '';
    const tell = (word: string): void => {
      if (said !== undefined) said.textContent = word;
    };
    const select = (): void => {
      if (command !== undefined) getSelection()?.selectAllChildren(command);
      tell('selected');
    };
    // Clipboards may be closed to files; then the command is at least selected.
    if (navigator.clipboard === undefined) select();
    else navigator.clipboard.writeText(text).then(() => tell('copied'), select);
  });
}
