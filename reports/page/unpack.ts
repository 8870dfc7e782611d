/** Takes out of an element of the page what the report has packed into it. */
import { septetBytes } from '../packing/septets.ts';

export async function bytesOf({ textContent, dataset }: HTMLElement): Promise<Uint8Array> {
  const bytes = septetBytes(textContent ?? '');
  if (dataset['encoding'] !== 'gzip-septets') return bytes;
  const stream = new Blob([bytes as BlobPart]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

export async function textOf(element: HTMLElement): Promise<string> {
  if (element.dataset['encoding'] === 'text') return element.textContent ?? '';
  return new TextDecoder().decode(await bytesOf(element));
}
