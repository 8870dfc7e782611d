/** The page's side: starts the engine that the page carries as workers, asks, and waits. */
import { textOf } from '../unpack.ts';
import type { Answer, Ask, AskName, Envelope, Reply } from './messages.ts';

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/** Why the engine gave no answer. */
class EngineError extends Error {}

/** Questions whose answers take many runs and that no earlier run bears on: the reader's other questions do not wait for them. */
const ASIDE: ReadonlySet<AskName> = new Set(['judge', 'future']);

export class Engine {
  readonly #main: Bench;
  readonly #aside: Bench;

  private constructor(source: Promise<string>) {
    this.#main = new Bench(source);
    this.#aside = new Bench(source);
  }

  /** The engine that this page carries; undefined when it carries none. */
  static inPage(): Engine | undefined {
    const carried = document.getElementById('engine');
    return carried === null ? undefined : new Engine(textOf(carried));
  }

  /** Throws EngineError when the run breaks off, makes no sense, or was called off. */
  ask<K extends AskName>(ask: Ask<K>): Promise<Answer<K>> {
    const bench = ASIDE.has(ask.name) ? this.#aside : this.#main;
    return bench.ask(ask as Ask) as Promise<Answer<K>>;
  }

  /** Ends the run that is under way; the next question finds an engine that knows nothing of earlier ones. */
  stop(): void {
    this.#main.stop();
  }
}

/** One worker, made when it is first needed, and whoever waits for it. */
class Bench {
  readonly #source: Promise<string>;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #last = 0;

  constructor(source: Promise<string>) {
    this.#source = source;
  }

  async ask(ask: Ask): Promise<unknown> {
    const worker = await this.#started();
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.postMessage({ id, ask } satisfies Envelope);
    });
  }

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
