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

export class SearchPool {
  private readonly pool: Tinypool;

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
    const answer = (await this.pool.run(task)) as T | Refusal;
    if ('refused' in answer) throw new Exit(ExitCode.usage, answer.refused);
    return answer;
  }
}
