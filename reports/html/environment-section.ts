/** Section L: what ran, what is not modelled, what is missing from this page. */
import type { RunResult } from '../../sim/result.ts';
import { sessionCount } from '../charts.ts';
import { html, isolated, type Markup } from '../markup.ts';
import { counted, grouped, instant, length } from '../quantity.ts';
import { partlyRecorded } from '../recording.ts';
import { valueText } from '../plain-value.ts';

/** Limits of the engine that a reader must know before trusting a number. */
const NOT_MODELLED: readonly string[] = [
  'Connections have no handshake, window or acknowledgement traffic; a stream retransmits after 200 ms, doubling to 3 s, and resets after 15 s.',
  'Garbage collection, memory pressure and thread scheduling inside a node, except as pause and slow faults.',
  'Byzantine nodes: a node may be late, lost or wrong about time, but it does not lie.',
  'Clients and servers share one virtual clock in this report; each node sees only its own clock.',
];

export function environmentSection(result: RunResult): Markup {
  return html`<section id="environment" aria-labelledby="environment-title">
    <h2 id="environment-title">Environment and limits</h2>
    <div class="columns">
      <div>
        <h3>This run</h3>
        ${list(runFacts(result))}
      </div>
      <div>
        <h3>Parameters</h3>
        ${list(Object.entries(result.params).map(([name, value]) => [name, paramText(result, name, value)]))}${nodeTable(result)}
      </div>
      <div>
        <h3>Not modelled</h3>
        <ul>
          ${NOT_MODELLED.map((limit) => html`<li>${limit}</li>`)}
        </ul>
        <h3>Left out of this page</h3>
        ${leftOut(result)}
      </div>
    </div>
  </section>`;
}

/** Durations as people write them. */
const paramText = ({ durations }: RunResult, name: string, value: unknown): string =>
  typeof value === 'number' && durations?.includes(name) === true ? length(value) : valueText(value);

type Fact = readonly [name: string, value: string];

function runFacts(result: RunResult): Fact[] {
  const { network, engine, operations, healedAt } = result;
  const { clients, hosts } = sessionCount(operations);
  return [
    ['orrery', result.version],
    ['result schema', String(result.schemaVersion)],
    ['seed', result.seed],
    ['digest', result.digest],
    ['virtual time', instant(engine.reached)],
    ['events', `${grouped(engine.events)}, at most ${grouped(engine.mostAtOneInstant)} at one instant`],
    [
      'messages',
      `${grouped(network.sent)} sent, ${grouped(network.duplicated)} duplicated, ${grouped(network.delivered)} delivered, ${grouped(network.dropped)} dropped, ${grouped(network.inFlight)} under way at the end`,
    ],
    ['operations', `${grouped(operations.length)} by ${counted(clients, 'client')} on ${counted(hosts, 'node')}`],
    ['faults healed', healedAt === undefined ? 'never' : healedAt === 0 ? 'no faults' : instant(healedAt)],
  ];
}

const list = (facts: readonly Fact[]): Markup =>
  facts.length === 0
    ? html`<p class="quiet">None.</p>`
    : html`<dl class="facts">
        ${facts.map(
          ([name, value]) =>
            html`<div>
              <dt>${isolated(name)}</dt>
              <dd>${isolated(value)}</dd>
            </div>`,
        )}
      </dl>`;

/** Nodes by role, zone and region. */
function nodeTable({ nodes }: RunResult): Markup {
  const groups = new Map<string, string[]>();
  const spread = new Set(nodes.map(({ region, zone }) => `${region}/${zone}`)).size > 1;
  for (const { id, role, zone, region } of nodes) {
    const key = spread ? `${role} in ${region}/${zone}` : role;
    groups.set(key, [...(groups.get(key) ?? []), id]);
  }
  const facts = [...groups].map(([key, ids]): Fact => [
    key,
    ids.length > 12 ? `${ids.slice(0, 12).join(' ')} … ${counted(ids.length, 'node')}` : ids.join(' '),
  ]);
  return html`<h3>Nodes</h3>
    ${list(facts)}`;
}

function leftOut(result: RunResult): Markup {
  const { trace, engine } = result;
  const partly = partlyRecorded(result);
  const items: Markup[] = [];
  if (trace === undefined)
    items.push(html`<li><strong>No trace was recorded</strong>: there is no diagram and no list of events.</li>`);
  else {
    if (partly !== undefined)
      items.push(
        html`<li class="warning">
          <strong>Only a window was recorded</strong>: ${length(partly[1] - partly[0])} of the ${length(engine.reached)}
          that ran. Before and after it the diagram and the list of events know nothing.
        </li>`,
      );
    items.push(
      html`<li>
        The trace covers ${instant(trace.from)} to ${instant(trace.to)}: ${counted(trace.at.length, 'row')}.
      </li>`,
    );
    if (trace.omitted > 0)
      items.push(
        html`<li class="warning"><strong>Truncated</strong>: ${counted(trace.omitted, 'row')} did not fit.</li>`,
      );
    else if (partly === undefined) items.push(html`<li>Nothing was truncated.</li>`);
    items.push(html`<li>Changes of state are not stored in this page: it finds them by running again.</li>`);
  }
  return html`<ul>
    ${items}
  </ul>`;
}
