/**
 * What a consumer group promises (Kafka's, KIP-62 and after): in one generation a partition has one owner; nothing is committed
 * before it is processed; and committed offsets never go back, whoever commits, since what is committed counts as done.
 *
 * An event costs a look at the partitions that the member owns.
 */
import { instantText, type Micros } from '../../base/time.ts';
import type { Check, NodeView, RunView } from '../check.ts';
import { isRunning, sharedChecks, type Breaches, type Reading, type ReadingOptions } from './shared-reading.ts';

/** A member of a group as the checks see it. */
export interface ConsumerView {
  /** Of the assignment that it acts upon. */
  readonly generation: number;
  readonly partitions: Iterable<readonly [partition: string, at: PartitionProgress]>;
}

export interface PartitionProgress {
  /** The next offset to process: all below are done. */
  readonly processed: number;
  /** What the group's coordinator has confirmed: all below count as done. */
  readonly committed: number;
}

export interface ConsumerGroupOptions<S> extends ReadingOptions {
  readonly view: (state: S) => ConsumerView;
  /**
   * Members learn by messages that their commits are confirmed: what one of an earlier generation learns late does not take the group
   * back. False: it has committed just now. Default false.
   */
  readonly lateNews?: boolean;
}

const OWNER = 'one owner a partition and generation';
const AFTER = 'nothing is committed before it is processed';
const FORWARD = 'committed offsets never go back';

/** Each a check of its own; they share one reading of the states. */
export function consumerGroupInvariants<S>(options: ConsumerGroupOptions<S>): readonly Check[] {
  const commits = ({ commits: count }: GroupReading<S>): string => `${count} commits`;
  return sharedChecks<GroupReading<S>>({
    ...options,
    begin: (view, breaches) => new GroupReading(options, view, breaches),
    properties: [
      {
        name: OWNER,
        promise: 'in each generation at most one member ever owns a partition',
        held: ({ owned }) => `${owned} assignments`,
      },
      { name: AFTER, promise: 'no offset is committed beyond what its owner has processed', held: commits },
      { name: FORWARD, promise: 'a partition’s committed offset never goes back, whoever commits', held: commits },
    ],
  });
}

class GroupReading<S> implements Reading {
  commits = 0;
  private readonly options: ConsumerGroupOptions<S>;
  private readonly view: RunView;
  private readonly breaches: Breaches;
  private readonly owners = new Map<string, { readonly id: string; readonly at: Micros }>();
  /** By partition: the highest committed offset, who committed it, and in which generation. */
  private readonly committed = new Map<
    string,
    { readonly offset: number; readonly id: string; readonly generation: number }
  >();
  /** By member and partition: what it had seen committed last. */
  private readonly seen = new Map<string, number>();

  constructor(options: ConsumerGroupOptions<S>, view: RunView, breaches: Breaches) {
    this.options = options;
    this.view = view;
    this.breaches = breaches;
  }

  get owned(): number {
    return this.owners.size;
  }

  handled(node: NodeView): void {
    if (!isRunning(node)) return;
    const { generation, partitions } = this.options.view(node.state as S);
    for (const [partition, progress] of partitions) {
      this.own(node.id, generation, partition);
      const name = `${node.id} ${node.life} ${generation} ${partition}`;
      if (this.seen.get(name) === progress.committed) continue;
      this.seen.set(name, progress.committed);
      this.commit(node.id, generation, partition, progress);
    }
  }

  private own(id: string, generation: number, partition: string): void {
    const name = `${generation} ${partition}`;
    const owner = this.owners.get(name);
    if (owner === undefined) this.owners.set(name, { id, at: this.view.now });
    else if (owner.id !== id) {
      this.breaches.report(OWNER, {
        sentence: `${owner.id} owned partition ${partition} in generation ${generation} from ${instantText(owner.at)}, and ${id} owns it in the same generation`,
        nodes: [owner.id, id],
        facts: { partition, generation, since: owner.at },
      });
    }
  }

  private commit(id: string, generation: number, partition: string, { processed, committed }: PartitionProgress): void {
    this.commits++;
    if (committed > processed) {
      this.breaches.report(AFTER, {
        sentence: `${id} has committed partition ${partition} up to offset ${committed}, but processed it up to ${processed} only`,
        nodes: [id],
        facts: { partition, committed, processed },
      });
    }
    const highest = this.committed.get(partition);
    if (highest === undefined || committed > highest.offset) {
      this.committed.set(partition, { offset: committed, id, generation });
    } else if (committed < highest.offset && !(this.options.lateNews === true && generation < highest.generation)) {
      this.breaches.report(FORWARD, {
        sentence: `${id} takes partition ${partition} back to offset ${committed}, although ${highest.id} had committed it up to ${highest.offset}`,
        nodes: [id, highest.id],
        facts: { partition, from: highest.offset, to: committed },
      });
    }
  }
}
