// npm run faults: every network fault on every kind of request, and how a pull ends that meets it once or never gets rid of it.
// npm run faults -- --peers [--docker unix:///…] [--peer 'name=command {ref} {dir}'] [--client text] [--limit 90] runs the same once over pull-image's bundle and the other clients that are
// installed, or that are told of; with --client those whose name holds the text.
// npm run faults -- --only text takes the rows whose name holds the text, or one of several; --at-once is how many cells run beside each other, most of which wait. Prints Markdown.
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { COLUMNS, type Column, type Fault } from '../__tests__/support/faults/fault-registry.ts';
import { FAULTS } from '../__tests__/support/faults/faults.ts';
import { type Ending, pullThrough, RIGHT } from '../__tests__/support/faults/our-pull.ts';
import { gate } from '../src/lib/pool.ts';
import { openStore } from '../src/store/layout-store.ts';
import { besidePeers } from './faults/beside-peers.ts';

const { values } = parseArgs({
  options: {
    peers: { type: 'boolean', default: false },
    docker: { type: 'string', multiple: true, default: [] },
    peer: { type: 'string', multiple: true, default: [] },
    client: { type: 'string', default: '' },
    limit: { type: 'string', default: '90' },
    only: { type: 'string', multiple: true, default: [''] },
    'at-once': { type: 'string', default: '16' },
  },
});

/** Time limits of 3 seconds instead of 30, or the table would take an hour. The waits between tries are the real ones. */
const TIMEOUTS = { connectMs: 3000, headersMs: 3000, bodyMs: 3000 };
const DROPS = 5;
const LARGE = 50_000_000;

const say = (line = '') => process.stdout.write(`${line}\n`);
const faults = FAULTS.filter(({ name }) => values.only.some((text) => name.includes(text)));

async function oneCell(fault: Fault, column: Column, times: number, layerSize?: number): Promise<Ending> {
  const folder = await mkdtemp(path.join(tmpdir(), 'faults-'));
  try {
    const store = await openStore(path.join(folder, 'store'), { run: 'faults' });
    return await pullThrough(fault, column, {
      times,
      store,
      client: { timeouts: TIMEOUTS },
      ...(layerSize ? { layerSize } : {}),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function ours(title: string, times: number): Promise<void> {
  const atOnce = gate(Number(values['at-once']));
  say(`\n${title}\n\n| fault | ${COLUMNS.join(' | ')} |\n|---|${'---|'.repeat(COLUMNS.length)}`);
  const rows = await Promise.all(
    faults.map(async (fault) => {
      const cells = COLUMNS.map((column) =>
        fault.columns.includes(column)
          ? atOnce(async () => {
              const { as, seconds } = await oneCell(fault, column, times);
              return `${as === RIGHT ? '✓' : as} ${seconds.toFixed(1)} s`;
            })
          : '–',
      );
      return `| ${fault.name} | ${(await Promise.all(cells)).join(' | ')} |`;
    }),
  );
  say(rows.join('\n'));
}

async function drops(): Promise<void> {
  if (!faults.some(({ name }) => name.endsWith('mid-body'))) return;
  say(`\nA layer of ${LARGE / 1e6} MB that is broken off in the middle of what is left, ${DROPS} times\n`);
  say('| how | ended | bytes sent twice, per drop |\n|---|---|---:|');
  for (const name of ['closed mid-body', 'reset mid-body', 'stall mid-body']) {
    const fault = faults.find((one) => one.name === name);
    if (!fault) continue;
    const { as, twice } = await oneCell(fault, 'blob', DROPS, LARGE);
    say(`| ${name} | ${as} | ${Math.round(twice / DROPS).toLocaleString('en')} |`);
  }
}

say(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}`);
if (values.peers) {
  await besidePeers(faults, {
    limitMs: Number(values.limit) * 1000,
    dockerHosts: values.docker,
    more: values.peer,
    client: values.client,
    atOnce: Number(values['at-once']),
    say,
  });
} else {
  await ours('The fault happens once; ✓ is a pull that ends with the right digest', 1);
  await ours('The fault never ends', Number.POSITIVE_INFINITY);
  await drops();
}
