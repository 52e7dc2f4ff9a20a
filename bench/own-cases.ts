import path from 'node:path';
import { measured, type Run, runOnce, standings, takeTurns, wallOf } from './contest.ts';
import { ours } from './contestants.ts';
import { type Case, LINK, layersOf, SMALL, type World } from './contests.ts';
import { MB, mb, median, say, table, target } from './figures.ts';
import { firstRequest } from './first-request.ts';
import { inFolder } from './folder.ts';

const single = (name: string, title: string, run: (world: World) => Promise<void>): Case => ({
  name,
  title,
  parts: [name],
  run,
});

/** What ours alone is held to. */
export const ownCases: readonly Case[] = [
  single('warm', '10 images that the store holds, 2 layers of 1 MB each, bare loopback', warm),
  single('first-request', 'From the start of the process to the first request', firstRequest),
  single('memory', 'Peak memory, bare loopback', memory),
  single(
    'distinct',
    '100 tags on 5 images and the 5 images, 3 layers of 20 MB each, 25 MB/s a connection, 20 ms',
    distinct,
  ),
];

const numbers = (length: number): readonly number[] => Array.from({ length }, (_, number) => number);

async function warm(world: World): Promise<void> {
  const endpoint = world.registries.plain;
  const tags: string[] = [];
  const digests: string[] = [];
  for (const name of numbers(10).map((number) => `warm-${number}`)) {
    digests.push(`${name}@${await world.image(name, layersOf(name, [MB, MB]))}`);
    tags.push(`${name}:1`);
  }
  await inFolder(async (folder) => {
    const pull = (images: readonly string[]) =>
      measured(ours().several(images, path.join(folder, 'store'), endpoint), endpoint);
    await pull(tags);
    const ways = new Map([
      ['by tag', tags],
      ['by digest', digests],
    ]);
    const runs = await takeTurns([...ways.keys()], world.rounds, (way) => pull(ways.get(way) ?? []));
    say(standings(runs));
    say();
    const [byTag = [], byDigest = []] = runs.values();
    const most = (some: readonly Run[], what: RegExp) =>
      Math.max(...some.map(({ requests }) => requests.filter((line) => what.test(line)).length));
    say(target('10 images by tag', wallOf(byTag), 500, ' ms'));
    say(target('requests by tag', most(byTag, /./), 10, ''));
    say(target('requests by tag but for HEADs', most(byTag, /"(?!HEAD )[A-Z]+ \//), 0, ''));
    say(target('10 images by digest', wallOf(byDigest), 350, ' ms'));
    say(target('requests by digest', most(byDigest, /./), 0, ''));
  });
}

const SHAPES = [
  { repository: 'one', title: '1 layer of 4 GB', sizes: [4000 * MB] },
  { repository: 'small', title: '300 layers of 100 KB', sizes: SMALL },
  { repository: 'seven', title: '7 layers of 110 MB', sizes: numbers(7).map(() => 110 * MB) },
];

/** The highest of the rounds, three at most: a peak is no matter of luck. */
async function memory(world: World): Promise<void> {
  const rows: string[][] = [];
  const peaks: number[] = [];
  for (const { repository, title, sizes } of SHAPES) {
    const scale = repository === 'small' ? 1 : world.scale;
    await world.image(
      repository,
      layersOf(
        repository,
        sizes.map((size) => size * scale),
      ),
    );
    const rounds = Math.min(3, world.rounds);
    const runs = await takeTurns([ours()], rounds, (each) => runOnce(each, `${repository}:1`, world.registries.plain));
    for (const [name, some] of runs) {
      const peak = Math.max(...some.map(({ peakBytes }) => peakBytes));
      peaks.push(peak);
      rows.push([`${title}, ${name}`, mb(peak), `${median(some.map(({ wallMs }) => wallMs / 1000)).toFixed(1)} s`]);
    }
  }
  say(table(['', 'peak memory', 'wall'], rows));
  say();
  say(target('peak memory', Math.max(...peaks) / MB, 160, ' MB'));
}

async function distinct(world: World): Promise<void> {
  const names = numbers(5).map((number) => `distinct-${number}`);
  const tags = numbers(20).map((number) => `${number + 1}`);
  for (const name of names)
    await world.image(
      name,
      layersOf(
        name,
        [20, 20, 20].map((size) => size * MB * world.scale),
      ),
      tags,
    );
  const endpoint = await world.registries.shaped(LINK);
  const ways = new Map([
    ['5 images', names.map((name) => `${name}:1`)],
    ['100 tags on them', tags.flatMap((tag) => names.map((name) => `${name}:${tag}`))],
  ]);
  const runs = await takeTurns([...ways.keys()], world.rounds, (way) =>
    inFolder((folder) => measured(ours().several(ways.get(way) ?? [], path.join(folder, 'store'), endpoint), endpoint)),
  );
  say(standings(runs));
  say();
  const [few = [], many = []] = runs.values();
  const cpu = (some: readonly Run[]) => median(some.map(({ cpuSeconds }) => cpuSeconds));
  const bytes = (some: readonly Run[]) => median(some.map(({ bytes }) => bytes));
  say(target('wall of 100 tags, times that of the images', wallOf(many) / wallOf(few), 1.3));
  say(target('CPU of 100 tags, times that of the images', cpu(many) / cpu(few), 1.3));
  say(target('bytes of 100 tags, times those of the images', bytes(many) / bytes(few), 1.3));
}
