/** Small drawings in the document, which take their colours from the style sheet. */
const SVG = 'http://www.w3.org/2000/svg';

export function shape(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const drawn = document.createElementNS(SVG, name) as SVGElement;
  for (const [key, value] of Object.entries(attributes)) drawn.setAttribute(key, String(value));
  return drawn;
}

export function shapeText(x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end'): SVGElement {
  const label = shape('text', { x, y, 'text-anchor': anchor });
  label.textContent = content;
  return label;
}
