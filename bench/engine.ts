// npm run bench:engine -- [--daemon installed|graphdriver|containerd] [--only one|five] [--shape shaped|plain] [--rounds 3] [--scale 1] [--images FOLDER]:
// time until `docker run` works, beside `docker pull` of the same image from the same registry by the same daemon, taking turns. Prints Markdown. The daemons are
// its own: the one that is installed, and with NEWER_DOCKER a later one with either store. Images that it builds stay in the folder, if one is given.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { newerDocker, type OwnDocker, ownDocker } from '../__tests__/support/own-docker.ts';
import { measured, takeTurns, wallOf } from './contest.ts';
import { type Case, engineImages } from './engine-images.ts';
import { MB, machine, mb, ms, say, table, target } from './figures.ts';
import { inFolder } from './folder.ts';
import { type Endpoint, type Registries, startRegistries } from './registries.ts';

const { values } = parseArgs({
  options: {
    daemon: { type: 'string' },
    only: { type: 'string' },
    shape: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    scale: { type: 'string', default: '1' },
    images: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const cli = path.join(import.meta.dirname, '../dist/cli/index.js');
const LINK = { rate: 25 * MB, latencyMs: 20 };
/** What a run may take at most, as a multiple of what `docker pull` takes. */
const LIMITS = { shaped: { cold: 1, warm: 0.8 }, plain: { cold: 1.35, warm: 1.15 } };
const WAYS = ['docker pull', 'ours, cold', 'ours, in the store'];

/** Seconds until the last of the images has run, for a shell command that brings them. */
async function compare({ socket, docker }: OwnDocker, images: readonly string[], endpoint: Endpoint) {
  const names = images.map((image) => `${endpoint.host}/${image}`);
  const run = names.map((name) => `docker run --rm --network none --pull never ${name} /ok`).join(' && ');
  return inFolder(async (folder) => {
    const store = (name: string) => path.join(folder, name);
    const pull = (...options: readonly string[]) => [process.execPath, cli, 'pull', ...names, ...options];
    execFileSync(process.execPath, pull('--engine', 'none', '--store', store('warm')).slice(1), { stdio: 'ignore' });
    const ways: Record<string, string> = {
      'docker pull': `${names.map((name) => `docker pull ${name} & p="$p $!"`).join('\n')}\nfor i in $p; do wait $i || exit 1; done`,
      'ours, cold': pull('--engine', 'docker', '--store', store('cold')).join(' '),
      'ours, in the store': pull('--engine', 'docker', '--store', store('warm')).join(' '),
    };
    // The first pull of a daemon takes longer than any later one.
    for (const name of names) await docker('pull', name);
    return takeTurns(WAYS, rounds, async (way) => {
      await docker('image', 'prune', '--all', '--force');
      execFileSync('rm', ['-rf', store('cold')]);
      // What was written and removed before is not to be written out on the next one's time.
      execFileSync('sync');
      const environment = { ...endpoint.environment, DOCKER_HOST: `unix://${socket}` };
      return measured({ file: 'sh', args: ['-c', `${ways[way]} || exit 1\n${run}`], environment }, endpoint);
    });
  });
}

const DAEMONS = [
  { name: 'installed', newer: false, store: 'graphdriver' },
  { name: 'graphdriver', newer: true, store: 'graphdriver' },
  { name: 'containerd', newer: true, store: 'containerd' },
] as const;

async function against(daemon: OwnDocker, cases: readonly Case[], registries: Registries): Promise<void> {
  say(`### Docker ${await daemon.docker('info', '--format', '{{.ServerVersion}}, {{.Driver}}')}\n`);
  const rows: string[][] = [];
  const promises: string[] = [];
  for (const { title, images } of cases) {
    const pulls = new Map<string, number>();
    for (const shape of ['shaped', 'plain'] as const) {
      if (values.shape && values.shape !== shape) continue;
      const endpoint = shape === 'plain' ? registries.plain : await registries.shaped(LINK);
      const runs = await compare(daemon, images, endpoint);
      const [docker, cold, warm] = WAYS.map((way) => runs.get(way) ?? []);
      if (!docker?.length || !cold?.length || !warm?.length) continue;
      const where = shape === 'plain' ? 'bare loopback' : '25 MB/s a connection, 20 ms';
      pulls.set(shape, wallOf(docker));
      const times = (some: typeof docker) => wallOf(some) / wallOf(docker);
      rows.push([
        `${title}; ${where}; ${mb(docker[0]?.bytes ?? 0)} packed`,
        ...[docker, cold, warm].map((some) => ms(wallOf(some))),
        ...[cold, warm].map((some) => times(some).toFixed(2)),
      ]);
      const what = `${title.replace(/,.*/, '')}, ${where}`;
      promises.push(target(`${what}: cold`, times(cold), LIMITS[shape].cold));
      promises.push(target(`${what}: in the store`, times(warm), LIMITS[shape].warm));
    }
    const [plain, shaped] = [pulls.get('plain'), pulls.get('shaped')];
    // With nothing to wait for the daemon is at its own work all the time: whoever lets it unpack cannot be faster.
    if (plain && shaped)
      promises.push(
        `- for comparison: ${title.replace(/,.*/, '')}, docker pull from bare loopback, times that through the link: ${(plain / shaped).toFixed(2)}`,
      );
  }
  say(table(['', ...WAYS, 'cold', 'in the store'], rows));
  say(`\n${promises.join('\n')}\n`);
}

const registries = await startRegistries(values.images && path.resolve(values.images));
try {
  const cases = (await engineImages(registries.plain.host, Number(values.scale))).filter(
    ({ name }) => (values.only ?? name) === name,
  );
  say(
    `${machine()}. Medians of ${rounds} that took turns${values.scale === '1' ? '' : `; sizes × ${values.scale}`}.\n`,
  );
  for (const { name, newer, store } of DAEMONS) {
    const folder = newer ? newerDocker() : undefined;
    if ((values.daemon ?? name) !== name || (newer && !folder)) continue;
    const daemon = await ownDocker({ newer: folder, store });
    try {
      await daemon.start();
      await against(daemon, cases, registries);
    } finally {
      await daemon.dispose();
    }
  }
} finally {
  await registries.stop();
}
