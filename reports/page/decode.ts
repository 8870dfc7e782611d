/** Takes the trace out of the page: plain or gzipped base64, or JSON as it is. */
import { type PageTrace, unpackTrace } from '../trace-columns.ts';

/** JSON that the report put into the page, compressed or as it is; undefined when it did not. */
export async function readJson<T>(id: string): Promise<T | undefined> {
  const found = document.getElementById(id);
  return found === null ? undefined : (JSON.parse(await textOf(found)) as T);
}

export async function readTrace(): Promise<PageTrace | undefined> {
  const columns = document.getElementById('trace-columns');
  const texts = document.getElementById('trace-texts');
  if (columns === null || texts === null) return undefined;
  const [bytes, json] = await Promise.all([bytesOf(columns), textOf(texts)]);
  return unpackTrace({ columns: bytes, texts: json });
}

/** What an element carries, decompressed. */
export async function bytesOf(element: HTMLElement): Promise<Uint8Array> {
  const binary = atob(element.textContent ?? '');
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  if (element.dataset['encoding'] !== 'gzip-base64') return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function textOf(element: HTMLElement): Promise<string> {
  if (element.dataset['encoding'] === 'json') return element.textContent ?? '';
  return new TextDecoder().decode(await bytesOf(element));
}
