/** Labelled fields that report a change when the reader has finished with it. */
import { made } from './elements.ts';

export interface FieldOptions {
  readonly label: string;
  /** Names the field in the document. */
  readonly name: string;
  readonly value: string;
  readonly kind: 'text' | 'flag' | 'choice';
  readonly choices?: readonly string[];
  /** What it means, for a tooltip. */
  readonly doc?: string;
  readonly disabled?: boolean;
  changed(value: string): void;
}

export function field(options: FieldOptions): HTMLElement {
  const label = made('label', 'field');
  label.append(made('span', 'quiet', options.label), control(options));
  if (options.doc !== undefined) label.title = options.doc;
  return label;
}

function control({ name, value, kind, choices = [], disabled = false, changed }: FieldOptions): HTMLElement {
  if (kind === 'text') {
    const input = made('input', '');
    input.type = 'text';
    input.value = value;
    input.size = Math.max(6, Math.min(24, value.length + 1));
    input.spellcheck = false;
    input.autocomplete = 'off';
    input.name = name;
    input.disabled = disabled;
    input.addEventListener('change', () => changed(input.value));
    return input;
  }
  const select = made('select', '');
  select.name = name;
  select.disabled = disabled;
  for (const choice of kind === 'flag' ? ['true', 'false'] : choices) {
    const option = made('option', '', choice);
    option.value = choice;
    option.selected = choice === value;
    select.append(option);
  }
  select.addEventListener('change', () => changed(select.value));
  return select;
}

export function button(text: string, act: () => void, className = ''): HTMLButtonElement {
  const pressed = made('button', className, text);
  pressed.type = 'button';
  pressed.addEventListener('click', act);
  return pressed;
}
