/** The loader of a page: unpacks the page's script and adds it. The policy of the page knows the hashes of both. */
import { textOf } from './unpack.ts';

async function load(): Promise<void> {
  const packed = document.getElementById('page-script');
  if (packed === null) return;
  const script = document.createElement('script');
  script.textContent = await textOf(packed);
  document.body.append(script);
}

void load();
