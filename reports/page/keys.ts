/** Keyboard: the same keys everywhere on the page, except while typing. */
export interface KeyActions {
  readonly [key: string]: () => void;
}

export function listenForKeys(actions: KeyActions): void {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { target } = event;
    if (target instanceof HTMLInputElement) {
      if (event.key !== 'Escape' && event.key !== 'Enter') return;
      target.blur();
      event.preventDefault();
      return;
    }
    const action = actions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
}
