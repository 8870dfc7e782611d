/** When a failure became inevitable, in words and as a row of bars. */
import type { Inevitability, InevitabilityPoint } from '../../sim/search/inevitability.ts';
import { instant } from '../quantity.ts';

const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** One bar for each instant, as high as the share of futures that failed: `▁▁▂▅███`. */
export const barsOf = ({ points }: Inevitability): string =>
  points.map(({ estimate }) => BARS[Math.round(estimate * (BARS.length - 1))]).join('');

/** `inevitable from 4.1234 s on`, or that it can be averted to the last: the last instant is usually that of the failure. */
export function noReturnText({ points, pointOfNoReturn, complete }: Inevitability): string {
  const cut = complete ? '' : ' (interrupted)';
  const last = points.at(-1);
  if (last === undefined) return `no future was tried${cut}`;
  if (pointOfNoReturn === undefined || (pointOfNoReturn === last.at && last.at > 0))
    return `some futures avert it until it happens${cut}`;
  if (pointOfNoReturn === 0) return `every future fails: no luck is needed${cut}`;
  return `inevitable from ${instant(pointOfNoReturn)} on${cut}`;
}

/** `9 instants from 0.0000 s to 6.4224 s, 20 futures each`. */
export function spanText({ points }: Inevitability): string {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return '';
  const futures = first.runs === 1 ? '1 future each' : `${first.runs} futures each`;
  return `${points.length} instants from ${instant(first.at)} to ${instant(last.at)}, ${futures}`;
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** The cells of a table: `1.2000 s`, `3 of 20`, `15 % (5 %–36 %)`. */
export const pointCells = ({
  at,
  runs,
  violated,
  estimate,
  low,
  high,
}: InevitabilityPoint): [string, string, string] => [
  instant(at),
  `${violated} of ${runs}`,
  `${percent(estimate)} (${percent(low)}–${percent(high)})`,
];

export const POINT_HEADS = ['all is drawn again after', 'futures that fail', 'share (95 % interval)'] as const;
