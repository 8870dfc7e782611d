/** Takes the trace out of the page. */
import { type PageTrace, unpackTrace } from '../trace-columns.ts';
import { bytesOf, textOf } from './unpack.ts';

/** JSON that the report put into the page, packed or as it is; undefined when it did not. */
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
