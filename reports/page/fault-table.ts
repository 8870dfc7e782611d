/** The table of faults with which its reader changes the past: each can be switched off, moved, made stronger or weaker. */
import { editableFields, faultsOf, type PlannedFault, typed } from '../edits.ts';
import type { PageFault } from '../page-data.ts';
import type { Plan } from '../plan.ts';
import { grouped, window as windowText } from '../quantity.ts';
import { made } from './elements.ts';
import { button, field } from './forms.ts';

export interface FaultTableParts {
  /** The recorded plan, and the one of the run that is shown or under way. */
  readonly base: Plan;
  readonly now: Plan;
  /** What became of the faults, in the run that is shown, and in the recorded one. */
  readonly outcomes: readonly PageFault[];
  readonly recorded: readonly PageFault[];
  /** Title of the column that says what part a fault had; absent when nothing failed. */
  readonly partTitle?: string;
  /** What becomes of the recorded run without a fault, by its id; absent: nobody asks. */
  readonly without?: ReadonlyMap<string, string>;
  /** Faults whose fields are shown. */
  readonly open: ReadonlySet<string>;
  toggle(id: string): void;
  switched(id: string, on: boolean): void;
  changed(id: string, field: string, value: unknown): void;
}

export function faultTable(parts: FaultTableParts): HTMLTableElement {
  const { base, partTitle, without } = parts;
  const table = made('table', 'faults');
  const head = made('tr', '');
  const titles = ['on', 'fault', 'window', 'effects', ...(partTitle === undefined ? [] : [partTitle])];
  for (const title of titles) head.append(heading(title));
  if (without !== undefined) head.append(heading('without it'));
  const thead = made('thead', '');
  thead.append(head);
  const body = made('tbody', '');
  for (const [i, fault] of faultsOf(base).entries()) {
    body.append(row(parts, fault, i));
    if (parts.open.has(fault.id)) body.append(fieldsRow(parts, fault));
  }
  table.append(thead, body);
  return table;
}

function heading(title: string): HTMLElement {
  const cell = made('th', title === 'effects' ? 'number' : '', title);
  cell.scope = 'col';
  return cell;
}

const columns = ({ partTitle, without }: FaultTableParts): number =>
  4 + Number(partTitle !== undefined) + Number(without !== undefined);

function row(parts: FaultTableParts, fault: PlannedFault, i: number): HTMLElement {
  const { id } = fault;
  const on = faultsOf(parts.now).some((one) => one.id === id);
  const outcome = parts.outcomes.find((one) => one.id === id);
  const past = parts.recorded.find((one) => one.id === id);
  const line = made('tr', on ? (outcome?.inForce === true ? 'in-force' : '') : 'is-off');
  const box = made('input', '');
  box.type = 'checkbox';
  box.checked = on;
  box.dataset['fault'] = id;
  box.setAttribute('aria-label', `${id} is part of the run`);
  box.addEventListener('change', () => parts.switched(id, box.checked));
  const tick = made('td', '');
  tick.append(box);
  const name = made('th', '');
  name.scope = 'row';
  const swatch = made('span', `swatch hue-${past?.hue ?? i % 6}`);
  swatch.setAttribute('aria-hidden', 'true');
  const text = made('bdi', '', (outcome ?? past)?.text ?? String(fault['kind']));
  name.append(swatch, made('span', 'fault-id', id), ' ', text);
  line.append(tick, name, windowCell(parts, fault, on ? (outcome ?? past) : past), effectsCell(on, outcome));
  if (parts.partTitle !== undefined) line.append(partCell(on ? outcome : undefined));
  if (parts.without !== undefined) line.append(withoutCell(parts.without.get(id), () => parts.switched(id, false)));
  return line;
}

function windowCell(parts: FaultTableParts, fault: PlannedFault, outcome: PageFault | undefined): HTMLElement {
  const cell = made('td', 'window');
  const lasting = fault['for'] !== undefined;
  const text = outcome === undefined ? '' : windowText(outcome.at, lasting ? outcome.until : undefined);
  const button = made('button', 'plain', text);
  button.type = 'button';
  button.title = 'change it';
  button.dataset['edit'] = fault.id;
  button.setAttribute('aria-expanded', String(parts.open.has(fault.id)));
  button.setAttribute('aria-label', `${fault.id}: ${text}; change it`);
  const mark = made('span', 'pencil', '✎');
  mark.setAttribute('aria-hidden', 'true');
  button.append(mark);
  button.addEventListener('click', () => parts.toggle(fault.id));
  cell.append(button);
  return cell;
}

function effectsCell(on: boolean, outcome: PageFault | undefined): HTMLElement {
  if (!on || outcome === undefined) return made('td', 'number quiet', '–');
  return outcome.effective
    ? made('td', 'number', grouped(outcome.effects))
    : made('td', 'number idle', 'had no effect');
}

function partCell(outcome: PageFault | undefined): HTMLElement {
  const cell = made('td', outcome?.inForce === true ? '' : 'quiet');
  if (outcome?.inForce === true) {
    const mark = made('span', '', '● ');
    mark.setAttribute('aria-hidden', 'true');
    cell.append(mark);
  }
  cell.append(outcome?.part ?? '');
  return cell;
}

/** `compare`: shows the run without the fault beside the recorded one. */
function withoutCell(answer: string | undefined, compare: () => void): HTMLElement {
  const cell = made('td', '');
  if (answer === undefined) cell.append(made('span', 'quiet', '…'));
  else if (answer === 'passes') {
    const link = button('✓ passes', compare, 'plain mark held');
    link.title = 'compare with the run without it';
    cell.append(link);
  } else if (answer === 'still fails') cell.append(made('span', 'mark violated', '✗ still fails'));
  else cell.append(made('span', 'mark undecided', answer));
  return cell;
}

/** The fields of a fault, below it. */
function fieldsRow(parts: FaultTableParts, fault: PlannedFault): HTMLElement {
  const line = made('tr', 'fields');
  const cell = made('td', '');
  cell.colSpan = columns(parts);
  const frame = made('div', 'form');
  const current = faultsOf(parts.now).find((one) => one.id === fault.id);
  for (const name of editableFields(fault)) {
    const value = (current ?? fault)[name];
    const input = field({
      label: name === 'at' ? 'begins at' : name === 'for' ? 'lasts' : name,
      name: `${fault.id}.${name}`,
      value: String(value),
      kind: typeof value === 'boolean' ? 'flag' : 'text',
      disabled: current === undefined,
      changed: (text) => parts.changed(fault.id, name, typed(text, fault[name])),
    });
    frame.append(input);
  }
  cell.append(frame);
  line.append(cell);
  return line;
}
