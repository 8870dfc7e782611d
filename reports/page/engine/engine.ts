/** The page's side: starts the engine that the page carries as a worker, asks, and waits. */
import { bytesOf } from '../decode.ts';
import type { Answer, Ask, AskName, Envelope, Reply } from './messages.ts';

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/** Why the engine gave no answer. */
class EngineError extends Error {}

export class Engine {
  readonly #source: Promise<string>;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #last = 0;

  private constructor(source: Promise<string>) {
    this.#source = source;
  }

  /** The engine that this page carries; undefined when it carries none. */
  static inPage(): Engine | undefined {
    const carried = document.getElementById('engine');
    return carried === null ? undefined : new Engine(bytesOf(carried).then((bytes) => new TextDecoder().decode(bytes)));
  }

  /** Throws EngineError when the run breaks off, makes no sense, or was called off. */
  async ask<K extends AskName>(ask: Ask<K>): Promise<Answer<K>> {
    const worker = await this.#started();
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: (answer) => resolve(answer as Answer<K>), reject });
      worker.postMessage({ id, ask: ask as Ask } satisfies Envelope);
    });
  }

  /** Ends what is under way; the next question starts a fresh worker, which knows nothing of earlier ones. */
  stop(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#fail(new EngineError('called off'));
  }

  async #started(): Promise<Worker> {
    const source = await this.#source;
    if (this.#worker !== undefined) return this.#worker;
    const address = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
    const worker = new Worker(address);
    this.#worker = worker;
    worker.addEventListener('message', ({ data }: MessageEvent<Reply>) => {
      URL.revokeObjectURL(address);
      const waiting = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if ('error' in data) waiting?.reject(new EngineError(data.error));
      else waiting?.resolve(data.answer);
    });
    worker.addEventListener('error', (event) =>
      this.#fail(new EngineError(event.message || 'the engine did not start')),
    );
    return worker;
  }

  #fail(error: EngineError): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
