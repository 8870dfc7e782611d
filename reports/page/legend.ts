/** What lines and bars mean. Each key is a small drawing, so that it does not depend on colour. */
import type { Palette } from './palette.ts';
import type { PhaseRank } from '../phases.ts';
import type { Scene } from './scene.ts';

const SVG = 'http://www.w3.org/2000/svg';

export function fillLegend(list: HTMLElement, scene: Scene, palette: Palette): void {
  const { messages, families, phases } = scene;
  const used = new Set(messages.family);
  const items = families.filter((_, i) => used.has(i)).map(({ name, colour }) => entry(name, arrow(palette[colour])));
  if (messages.fate.includes(1)) items.push(entry('dropped', cross(palette.bad)));
  const named = (rank: PhaseRank): string =>
    [
      ...new Set(
        phases
          .flat()
          .filter((bar) => bar.rank === rank)
          .map((bar) => bar.phase),
      ),
    ]
      .slice(0, 3)
      .join(', ');
  if (named('leading') !== '') items.push(entry(named('leading'), bar(palette.good, 6)));
  if (named('changing') !== '') items.push(entry(named('changing'), bar(palette.warn, 4)));
  if (scene.operations.some((bars) => bars.length > 0)) items.push(entry('operation', box(palette.accent)));
  list.replaceChildren(...items);
}

function entry(text: string, drawing: SVGElement): HTMLElement {
  const item = document.createElement('li');
  const svg = document.createElementNS(SVG, 'svg');
  for (const [name, value] of [
    ['width', '18'],
    ['height', '10'],
    ['aria-hidden', 'true'],
  ] as const)
    svg.setAttribute(name, value);
  svg.append(drawing);
  item.append(svg, text);
  return item;
}

function shape(d: string, colour: string, width: number): SVGElement {
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', d);
  path.setAttribute('fill', 'none');
  path.setAttribute('stroke', colour);
  path.setAttribute('stroke-width', String(width));
  return path;
}

const arrow = (colour: string): SVGElement => shape('M0 5H17M13 2L17 5L13 8', colour, 1.5);
const cross = (colour: string): SVGElement => shape('M0 5H10M9 1L17 9M9 9L17 1', colour, 1.5);
const bar = (colour: string, width: number): SVGElement => shape('M0 5H18', colour, width);
const box = (colour: string): SVGElement => shape('M1 1H17V9H1Z', colour, 1);
