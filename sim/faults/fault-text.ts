/** A fault in one line for people. */
import { unreachable } from '../base/assert.ts';
import { durationText } from '../base/time.ts';
import type { DistributionSpec } from '../random/distribution-spec.ts';
import type { Fault } from './fault.ts';
import { distributionJson, shiftText } from './fault-json.ts';

const set = (names: readonly string[]): string => `{${names.join(',')}}`;
const some = (names: '*' | readonly string[]): string =>
  names === '*' ? 'all' : names.length === 1 ? (names[0] as string) : set(names);
const way = (fault: { from?: '*' | readonly string[] | undefined; to?: '*' | readonly string[] | undefined }): string =>
  `${some(fault.from ?? '*')} → ${some(fault.to ?? '*')}`;
const sides = (groups: readonly (readonly string[])[]): string =>
  groups.map((group) => (group[0] === '*' ? 'the rest' : set(group))).join(' | ');
const percent = (share: number): string => `${Number((share * 100).toPrecision(4))} %`;
const times = (factor: number): string => `×${factor}`;
const ifTimes = (factor: number | undefined): string | undefined => (factor === undefined ? undefined : times(factor));

function law(spec: DistributionSpec): string {
  if (spec.kind === 'constant') return durationText(spec.value as number);
  if (spec.kind === 'mixture') return `mixture of ${spec.parts.length}`;
  if (spec.kind === 'empirical') return 'measured';
  const fields = Object.entries(distributionJson(spec)).filter(([key]) => key !== 'kind');
  if (spec.kind === 'shifted')
    return `${shiftText(spec.by as number)} + ${typeof spec.of === 'object' ? law(spec.of) : spec.of}`;
  return `${spec.kind}(${fields.map(([key, value]) => `${key} ${String(value)}`).join(', ')})`;
}

const both = (...parts: (string | undefined)[]): string => parts.filter((part) => part !== undefined).join(', ');
const sign = (by: number): string => (by > 0 ? `+${shiftText(by)}` : shiftText(by));
const reads = { wall: 'wall clock', monotonic: 'monotonic clock', both: 'clocks' } as const;

/** What the fault does, without its times: `partition {n1,n2} | {n3,n4,n5}`, `clock of n1 steps +250ms`. */
export function faultText(fault: Fault): string {
  switch (fault.kind) {
    case 'crash':
      return fault.for !== undefined && fault.restart === false
        ? `crash ${fault.node}, no restart`
        : `crash ${fault.node}`;
    case 'restart':
    case 'pause':
    case 'destroy':
    case 'isolate':
      return `${fault.kind} ${fault.node}`;
    case 'crash-loop':
      return `crash ${fault.node} every ${durationText(fault.every)}, down ${durationText(fault.down)}`;
    case 'slow':
      return `slow ${fault.node} ${both(ifTimes(fault.factor), fault.delay && `+${law(fault.delay)} per message`)}`;
    case 'partition':
      return `partition ${sides(fault.groups)}`;
    case 'flapping':
      return `flapping ${sides(fault.groups)}, cut ${durationText(fault.down)}, whole ${durationText(fault.up)}`;
    case 'partition-one-way':
      return `partition one way ${way(fault)}`;
    case 'partition-partial':
      return `partition ${fault.pairs.map(([a, b]) => `${a} ↮ ${b}`).join(', ')}`;
    case 'clog':
      return fault.nodes === undefined ? `clog ${way(fault)}` : `clog ${some(fault.nodes)}`;
    case 'link-delay':
      return `delay ${way(fault)} ${both(ifTimes(fault.factor), fault.extra && `+${law(fault.extra)}`)}`;
    case 'jitter':
      return `jitter ${way(fault)} +${law(fault.extra)}`;
    case 'loss':
    case 'duplicate':
      return `${fault.kind} ${way(fault)} ${percent(fault.probability)}`;
    case 'reorder':
      return `reorder ${way(fault)} ${percent(fault.probability)} within ${durationText(fault.window)}`;
    case 'bandwidth':
      return `bandwidth ${way(fault)} ${fault.bytesPerSecond} B/s`;
    default:
      return localText(fault);
  }
}

type Local = Exclude<
  Fault,
  | {
      kind:
        | 'crash'
        | 'restart'
        | 'pause'
        | 'destroy'
        | 'isolate'
        | 'crash-loop'
        | 'slow'
        | 'partition'
        | 'flapping'
        | 'clog';
    }
  | LinkFault
>;
type LinkFault = {
  kind:
    | 'partition-one-way'
    | 'partition-partial'
    | 'link-delay'
    | 'jitter'
    | 'loss'
    | 'duplicate'
    | 'reorder'
    | 'bandwidth';
};

/** Clocks, disks, places, load. */
function localText(fault: Local): string {
  switch (fault.kind) {
    case 'clock-offset':
      return `wall clock of ${fault.node} off by ${sign(fault.by)}`;
    case 'clock-step':
      return `wall clock of ${fault.node} steps ${sign(fault.by)}`;
    case 'clock-drift':
      return `clock of ${fault.node} ×${Number((1 + fault.ppm / 1_000_000).toFixed(6))}`;
    case 'clock-freeze':
      return `${reads[fault.clock]} of ${fault.node} frozen`;
    case 'ntp-loss':
      return `no NTP for ${fault.node}`;
    case 'disk-slow':
      return `disk of ${fault.node} slow ${times(fault.factor)}`;
    case 'disk-full':
      return `disk of ${fault.node} full`;
    case 'fsync-fail':
      return `fsync of ${fault.node} fails`;
    case 'lost-writes':
      return `disk of ${fault.node} loses writes`;
    case 'torn-write':
      return `next crash of ${fault.node} tears a write`;
    case 'bit-rot':
      return `bit rot on ${fault.node} ${percent(fault.probability)}`;
    case 'zone-outage':
      return `${fault.mode} zone ${fault.region === undefined ? '' : `${fault.region}/`}${fault.zone}`;
    case 'region-outage':
      return `${fault.mode} region ${fault.region}`;
    case 'correlated':
      return `${fault.mode} ${set(fault.nodes)}${fault.stagger === 0 ? ' together' : ` ${durationText(fault.stagger)} apart`}`;
    case 'traffic-spike':
      return `traffic of ${some(fault.nodes)} ${times(fault.factor)}`;
    case 'hot-key':
      return `hot key ${fault.key}: ${percent(fault.share)} of ${some(fault.nodes)}`;
    case 'brown-out':
      return `brown-out of ${fault.node} ${both(percent(fault.probability), ifTimes(fault.factor))}`;
    default:
      return unreachable(fault);
  }
}
