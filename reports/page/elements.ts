/** The elements that the report put there. */
export function element<T extends HTMLElement>(id: string, type: new () => T): T | undefined {
  const found = document.getElementById(id);
  return found instanceof type ? found : undefined;
}

/** A child with a class and text; foreign text goes in as text, never as markup. */
export function made<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  text = '',
): HTMLElementTagNameMap[K] {
  const child = document.createElement(tag);
  if (className !== '') child.className = className;
  if (text !== '') child.textContent = text;
  return child;
}
