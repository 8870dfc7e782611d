/**
 * The loader of a page that carries a seed in place of a trace: unpacks style, the rest of the document, simulator and script, and puts each
 * where an ordinary page has it. The policy of the page knows the hashes of this script, of that one and of the style.
 */
import { septetBytes } from '../packing/septets.ts';
import { unsqueezed } from '../packing/squeeze.ts';

function add(to: Element, name: string, text: string, attributes: Readonly<Record<string, string>> = {}): void {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.textContent = text;
  to.append(element);
}

function load(): void {
  const packed = document.getElementById('packed')?.textContent ?? '';
  const texts = new TextDecoder().decode(unsqueezed(septetBytes(packed))).split('\0');
  const [style = '', rest = '', engine = '', script = ''] = texts;
  add(document.head, 'style', style);
  document.querySelector('main')?.insertAdjacentHTML('beforeend', rest);
  add(document.body, 'script', engine, { type: 'text/plain', id: 'engine', 'data-encoding': 'text' });
  add(document.body, 'script', script);
}

// Once the verdict is on the screen.
requestAnimationFrame(() => setTimeout(load));
