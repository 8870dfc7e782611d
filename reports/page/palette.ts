/** Colours for canvases, resolved by the browser from the style sheet: they follow light, dark and forced colours. */

const NAMES = [
  'bg',
  'panel',
  'line',
  'lane',
  'ink',
  'quiet',
  'bad',
  'good',
  'warn',
  'accent',
  'select',
  'on-ink',
  'hue-0',
  'hue-1',
  'hue-2',
  'hue-3',
  'hue-4',
  'hue-5',
  'message-0',
  'message-1',
  'message-2',
  'message-3',
  'message-other',
] as const;

export type ColourName = (typeof NAMES)[number];
export type Palette = Readonly<Record<ColourName, string>>;

export function readPalette(): Palette {
  const probe = document.createElement('span');
  probe.style.setProperty('forced-color-adjust', 'none');
  document.body.append(probe);
  const entries = NAMES.map((name) => {
    probe.style.color = `var(--${name})`;
    return [name, getComputedStyle(probe).color] as const;
  });
  probe.remove();
  return Object.fromEntries(entries) as Record<ColourName, string>;
}

/** Calls `changed` when the reader switches between light, dark and forced colours. */
export function onSchemeChange(changed: () => void): void {
  for (const query of ['(prefers-color-scheme: dark)', '(forced-colors: active)']) {
    matchMedia(query).addEventListener('change', changed);
  }
}

export const SANS = "Inter, 'Segoe UI', 'Helvetica Neue', Roboto, 'Noto Sans', 'Liberation Sans', Arial, sans-serif";
