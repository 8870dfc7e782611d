/** Puts the HTML that the engine wrote in the place of what the report wrote. Both escape everything foreign. */
import type { Parts } from '../parts.ts';

/** The parts as they stand in the page. */
export function readParts(): Parts {
  const places = [...document.querySelectorAll<HTMLElement>('[data-part]')];
  return Object.fromEntries(places.map((place) => [place.dataset['part'], place.innerHTML])) as unknown as Parts;
}

export function writeParts(parts: Parts): void {
  for (const place of document.querySelectorAll<HTMLElement>('[data-part]')) {
    const markup = parts[place.dataset['part'] as keyof Parts];
    if (markup !== undefined) place.innerHTML = markup;
  }
}
