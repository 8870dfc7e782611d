/** What every pane shares: the selected row and the window of time. Both live in the URL's hash, so that a view can be sent. */

export interface View {
  readonly from: number;
  readonly to: number;
}

/** A window is never narrower than this, µs. */
const NARROWEST = 20;

export class Store {
  /** 0: none. */
  row = 0;
  view: View;
  /** Whether only the causal past of the selected event stands out. */
  past = false;
  /** An instant that was asked for and not recorded. */
  missing: number | undefined;
  end: number;
  readonly #listeners: (() => void)[] = [];
  #scheduled = false;

  constructor(opening: readonly [number, number], end: number) {
    this.end = Math.max(1, end);
    this.view = { from: opening[0], to: Math.max(opening[1], opening[0] + NARROWEST) };
  }

  /** Another run is shown, which may end at another time. */
  setEnd(end: number): void {
    this.end = Math.max(1, end);
  }

  /** `listener` runs once per frame in which something changed. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  select(row: number): void {
    this.row = row;
    this.missing = undefined;
    this.changed();
  }

  /** Shows, or no longer, what of everything was the past of the selected event. */
  togglePast(): void {
    this.past = !this.past;
    this.changed();
  }

  /** Shows an instant of which nothing was recorded. */
  miss(at: number): void {
    this.row = 0;
    this.missing = at;
    this.reveal(at);
    this.changed();
  }

  show(from: number, to: number): void {
    const width = Math.min(this.end * 1.02, Math.max(NARROWEST, to - from));
    const room = this.end * 0.01;
    const start = Math.min(Math.max(from, -room), this.end + room - width);
    this.view = { from: start, to: start + width };
    this.changed();
  }

  /** Scales the window by `factor` around `at`, which keeps its place. */
  zoom(factor: number, at = (this.view.from + this.view.to) / 2): void {
    const { from, to } = this.view;
    this.show(at - (at - from) * factor, at + (to - at) * factor);
  }

  /** Moves the window by a share of its width. */
  pan(share: number): void {
    const { from, to } = this.view;
    this.show(from + (to - from) * share, to + (to - from) * share);
  }

  /** Moves the window only if `at` is not comfortably inside. */
  reveal(at: number): void {
    const { from, to } = this.view;
    const width = to - from;
    if (at >= from + width * 0.04 && at <= to - width * 0.04) return;
    this.show(at - width / 2, at + width / 2);
  }

  changed(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      this.#writeHash();
      for (const listener of this.#listeners) listener();
    });
  }

  /** Reads `#e=12&v=100_200&c=1`, or `#event=12`; anything else is ignored. */
  readHash(rows: number): boolean {
    const parts = new URLSearchParams(location.hash.slice(1));
    const row = Number(parts.get('e') ?? parts.get('event'));
    this.past = parts.get('c') === '1';
    const [from = NaN, to = NaN] = (parts.get('v') ?? '').split('_').map(Number);
    if (Number.isInteger(row) && row > 0 && row <= rows) this.row = row;
    if (Number.isFinite(from) && Number.isFinite(to) && to > from) this.show(from, to);
    return this.row === row && row > 0;
  }

  #writeHash(): void {
    const { from, to } = this.view;
    const hash = `#e=${this.row}&v=${Math.round(from)}_${Math.round(to)}${this.past ? '&c=1' : ''}`;
    if (hash !== location.hash) history.replaceState(null, '', hash);
  }
}
