import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  COLUMNS,
  type Column,
  type Fault,
  faultRegistry,
  isLookUp,
} from '../../__tests__/support/faults/fault-registry.ts';
import { gate } from '../../src/lib/pool.ts';
import { type Ended, installedPeers, type Peer } from './peers.ts';

export interface BesideOptions {
  /** After so many milliseconds a cell counts as without end. */
  readonly limitMs: number;
  readonly dockerHosts: readonly string[];
  /** Others, as `name=command {ref} {dir}`. */
  readonly more: readonly string[];
  /** Only clients whose name holds this. */
  readonly client: string;
  /** Cells that run beside each other. */
  readonly atOnce: number;
  readonly say: (line?: string) => void;
}

interface Cell {
  readonly as: string;
  readonly twice: number;
}

const SIGNS: Readonly<Record<Ended, string>> = { right: '✓', error: '✗', endless: '∞', wrong: '!' };
const LARGE = 50_000_000;

/** The matrix over every client that is installed, each fault once: how each cell ended, and what a drop cost. Prints Markdown. */
export async function besidePeers(all: readonly Fault[], options: BesideOptions): Promise<void> {
  // No other client can be told how to look names up.
  const faults = all.filter((fault) => !isLookUp(fault));
  const { say } = options;
  const installed = await installedPeers(options.dockerHosts, options.more);
  const peers = installed.filter(({ name }) => name.includes(options.client));
  say();
  for (const { name, version } of peers) say(`- ${name}: ${version}`);
  say(
    `\nEach fault once, on the request for ${COLUMNS.join(', ')}, in this order; at most ${options.limitMs / 1000} s for each.`,
  );
  say(
    '✓ right digest, ✗ an error, ∞ no end in time, ! something else was taken for right, · the client never made that request.',
  );
  const atOnce = gate(options.atOnce);
  const right = new Map<string, number>();
  const lines = await Promise.all(
    faults.map(async (fault) => {
      const cells = peers.map(async (peer) => {
        const endings = fault.columns.map((column) => atOnce(() => cellOf(peer, fault, column, options)));
        const ended = await Promise.all(endings);
        right.set(peer.name, (right.get(peer.name) ?? 0) + ended.filter(({ as }) => as === '✓').length);
        const signs = COLUMNS.map((column) => ended[fault.columns.indexOf(column)]?.as ?? '–');
        return signs.join(' ');
      });
      return `| ${fault.name} | ${(await Promise.all(cells)).join(' | ')} |`;
    }),
  );
  const cells = faults.reduce((sum, { columns }) => sum + columns.length, 0);
  say(`\n| fault | ${peers.map(({ name }) => name).join(' | ')} |\n|---|${'---|'.repeat(peers.length)}`);
  say(lines.join('\n'));
  say(`| **✓ of ${cells}** | ${peers.map(({ name }) => `**${right.get(name) ?? 0}**`).join(' | ')} |`);
  await dropsOf(peers, faults, options);
}

async function dropsOf(peers: readonly Peer[], faults: readonly Fault[], options: BesideOptions): Promise<void> {
  options.say(`\nA layer of ${LARGE / 1e6} MB whose connection drops once in the middle: bytes sent twice\n`);
  options.say(`| how | ${peers.map(({ name }) => name).join(' | ')} |\n|---|${'---|'.repeat(peers.length)}`);
  for (const fault of faults.filter(({ name }) => ['closed mid-body', 'reset mid-body'].includes(name))) {
    const cells: string[] = [];
    for (const peer of peers) {
      const { as, twice } = await cellOf(peer, fault, 'blob', options, LARGE);
      cells.push(as === '✓' ? twice.toLocaleString('en') : as);
    }
    options.say(`| ${fault.name} | ${cells.join(' | ')} |`);
  }
}

async function cellOf(
  peer: Peer,
  fault: Fault,
  column: Column,
  { limitMs }: BesideOptions,
  layerSize = 1_000_000,
): Promise<Cell> {
  const name = `${fault.name} ${column} ${peer.name} ${layerSize}`;
  const task = column === 'tags' ? peer.list : peer.pull;
  if (!task) return { as: '·', twice: 0 };
  const registry = await faultRegistry(fault, column, { layerSize, name });
  const folder = await mkdtemp(path.join(tmpdir(), 'peer-'));
  const target = path.join(folder, 'target');
  await mkdir(target);
  try {
    const ended = await task(registry, target, AbortSignal.timeout(limitMs));
    const twice = Math.max(0, registry.sent() - registry.layerSize);
    return { as: registry.struck() === 0 ? '·' : SIGNS[ended], twice };
  } finally {
    await registry.close();
    await rm(folder, { recursive: true, force: true });
  }
}
