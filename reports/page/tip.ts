import { made } from './elements.ts';

/** One line of text beside the pointer. The list says the same, so it is hidden from screen readers. */
export class Tip {
  readonly #element = made('div', '');

  constructor() {
    this.#element.id = 'tip';
    this.#element.hidden = true;
    this.#element.setAttribute('aria-hidden', 'true');
    document.body.append(this.#element);
  }

  show(text: string, x: number, y: number): void {
    const tip = this.#element;
    tip.textContent = text.length > 300 ? `${text.slice(0, 299)}…` : text;
    tip.hidden = false;
    const left = Math.min(x + 12, window.innerWidth - tip.offsetWidth - 8);
    const top = y + 18 + tip.offsetHeight > window.innerHeight ? y - tip.offsetHeight - 10 : y + 18;
    tip.style.transform = `translate(${Math.max(4, left)}px, ${top}px)`;
  }

  hide(): void {
    this.#element.hidden = true;
  }
}
