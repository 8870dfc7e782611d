/** The workers of a search. */
import { Tinypool } from 'tinypool';
import { Exit, ExitCode } from '../exit-codes.ts';
import { keepWorkersToTheirThreads } from './own-thread.ts';
import type {
  Inquiry,
  Investigation,
  OrderAnswer,
  OrderInquiry,
  Recording,
  Refusal,
  Schedules,
  SearchSetting,
  SearchTask,
} from './search-task.ts';

const WORKER = new URL('search-worker.js', import.meta.url).href;

type Thread = Tinypool['threads'][number];

const exitText = (code: number): string =>
  `a worker ended with exit code ${code} in the middle of its work: does the scenario call process.exit?`;

export class SearchPool {
  private readonly pool: Tinypool;
  /** How to tell those who wait for an answer that there will be none. */
  private readonly waiting = new Set<(error: unknown) => void>();
  private readonly watched = new WeakSet<Thread>();

  /** `fresh`: a worker does one task and is thrown away, so that nothing of it is left for the next. */
  constructor(setting: SearchSetting, threads: number, { fresh = false }: { readonly fresh?: boolean } = {}) {
    keepWorkersToTheirThreads();
    this.pool = new Tinypool({
      filename: WORKER,
      runtime: 'worker_threads',
      minThreads: fresh ? 0 : threads,
      maxThreads: threads,
      isolateWorkers: fresh,
      workerData: setting,
    });
    // Of a worker without a task; others may be queued for it.
    this.pool.on('error', (error) => {
      for (const tell of this.waiting) tell(error);
    });
  }

  schedules(indices: readonly number[]): Promise<Schedules> {
    return this.ask({ kind: 'schedules', indices });
  }

  investigate(inquiry: Inquiry): Promise<Investigation> {
    return this.ask({ kind: 'investigate', ...inquiry });
  }

  record(index: number): Promise<Recording> {
    return this.ask({ kind: 'record', index });
  }

  orders(inquiry: OrderInquiry): Promise<OrderAnswer> {
    return this.ask({ kind: 'orders', ...inquiry });
  }

  /** Ends the workers, whatever they are doing. */
  end(): Promise<void> {
    return this.pool.destroy();
  }

  private async ask<T extends object>(task: SearchTask): Promise<T> {
    const answer = await this.answerTo<T | Refusal>(task);
    if ('refused' in answer) throw new Exit(ExitCode.usage, answer.refused);
    return answer;
  }

  private async answerTo<T>(task: SearchTask): Promise<T> {
    let tell: (error: unknown) => void = () => undefined;
    try {
      return await new Promise<T>((resolve, reject) => {
        tell = reject;
        this.waiting.add(tell);
        (this.pool.run(task) as Promise<T>).then(resolve, reject);
        this.watch();
      });
    } finally {
      this.waiting.delete(tell);
      this.watch();
    }
  }

  /** The pool waits for ever for the answer of a worker that exits: it has to be told. One that it ended itself is no longer in it. */
  private watch(): void {
    for (const thread of this.pool.threads) {
      if (this.watched.has(thread)) continue;
      this.watched.add(thread);
      thread.on('exit', (code: number) => {
        if (!this.pool.threads.includes(thread)) return;
        thread.emit('error', new Exit(ExitCode.usage, exitText(code)));
        this.watch();
      });
    }
  }
}
