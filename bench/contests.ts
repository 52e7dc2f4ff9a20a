import path from 'node:path';
import { runOnce, standings, takeTurns, wallOf } from './contest.ts';
import { type Contestant, ours } from './contestants.ts';
import { MB, say, target } from './figures.ts';
import type { LayerRecipe } from './images.ts';
import type { Endpoint, Registries } from './registries.ts';
import type { Shape } from './shaping-proxy.ts';

/** What the cases stand on. */
export interface World {
  readonly registries: Registries;
  readonly peers: readonly Contestant[];
  readonly rounds: number;
  /** What the sizes of layers are multiplied by; 1 for figures that count. */
  readonly scale: number;
  /** Pushes an image once; gives the digest of its manifest. */
  image(repository: string, layers: readonly LayerRecipe[], tags?: readonly string[]): Promise<string>;
}

/** What `npm run bench` can be asked for by name. */
export interface Case {
  readonly name: string;
  /** Parts of it that have names of their own. */
  readonly parts: readonly string[];
  readonly title: string;
  run(world: World, parts: readonly string[]): Promise<void>;
}

interface Entry {
  readonly part: string;
  readonly options?: readonly string[];
  /** Times the fastest peer's median that ours may take. */
  readonly limit?: number;
}

interface Contest {
  readonly name: string;
  readonly title: string;
  /** Where its image lies; contests with the same name share it. */
  readonly repository: string;
  readonly layers: (world: World) => readonly LayerRecipe[];
  readonly endpoint: (registries: Registries) => Endpoint | Promise<Endpoint>;
  readonly entries: readonly Entry[];
}

export const layersOf = (name: string, sizes: readonly number[]): readonly LayerRecipe[] =>
  sizes.map((size, number) => ({ name: `${name}-${number}`, size: Math.round(size) }));

const LARGE = [280, 200, 120, 80, 60, 40, 10];
const large = ({ scale }: World) =>
  layersOf(
    'large',
    LARGE.map((size) => size * MB * scale),
  );
export const SMALL: readonly number[] = Array.from({ length: 300 }, () => 100_000);
export const LINK: Shape = { rate: 25 * MB, latencyMs: 20 };

const sizes = `790 MB in 7 layers of ${LARGE.join(', ')} MB`;
const modules = path.join(import.meta.dirname, '../node_modules');

const CONTESTS: readonly Contest[] = [
  {
    name: 'loopback',
    title: `${sizes}, bare loopback`,
    repository: 'large',
    layers: large,
    endpoint: ({ plain }) => plain,
    entries: [{ part: 'loopback', limit: 1 }],
  },
  {
    name: 'tls',
    title: `${sizes}, bare loopback behind TLS`,
    repository: 'large',
    layers: large,
    endpoint: ({ tls }) => tls,
    entries: [{ part: 'tls', limit: 1.15 }],
  },
  {
    name: 'shaped',
    title: `${sizes}, 25 MB/s a connection, 20 ms`,
    repository: 'large',
    layers: large,
    endpoint: ({ shaped }) => shaped(LINK),
    entries: [
      { part: 'shaped-8', limit: 0.45 },
      { part: 'shaped-16', options: ['--max-concurrent-downloads', '16'], limit: 0.3 },
    ],
  },
  {
    name: 'small',
    title: '300 layers of 100 KB, 20 ms',
    repository: 'small',
    layers: () => layersOf('small', SMALL),
    endpoint: ({ shaped }) => shaped({ latencyMs: 20 }),
    entries: [{ part: 'small', limit: 0.7 }],
  },
  {
    name: 'tree',
    title: 'Real files in 3 layers (the packages of this project), 25 MB/s a connection, 20 ms',
    repository: 'tree',
    layers: () => ['@actions', 'typescript', '@biomejs'].map((name) => ({ folder: path.join(modules, name) })),
    endpoint: ({ shaped }) => shaped(LINK),
    entries: [{ part: 'tree' }],
  },
];

/** Ours and the peers beside each other, one image into an empty folder at a time. */
export const contests: readonly Case[] = CONTESTS.map((contest) => ({
  name: contest.name,
  title: contest.title,
  parts: contest.entries.map(({ part }) => part),
  run: (world, parts) => runContest(contest, world, parts),
}));

async function runContest(contest: Contest, world: World, parts: readonly string[]): Promise<void> {
  await world.image(contest.repository, contest.layers(world));
  const image = `${contest.repository}:1`;
  const endpoint = await contest.endpoint(world.registries);
  const entries = contest.entries.filter(({ part }) => parts.includes(part));
  const entrants = entries.map(({ options = [] }) => ours(...options));
  const runs = await takeTurns([...entrants, ...world.peers], world.rounds, (each) => runOnce(each, image, endpoint));
  const best = Math.min(...world.peers.flatMap(({ name }) => (runs.has(name) ? [wallOf(runs.get(name) ?? [])] : [])));
  say(standings(runs, best));
  say();
  if (!Number.isFinite(best)) return;
  for (const [index, { limit }] of entries.entries()) {
    const name = entrants[index]?.name ?? '';
    if (limit) say(target(`${name}, times the fastest peer`, wallOf(runs.get(name) ?? []) / best, limit));
  }
}
