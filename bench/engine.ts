// npm run bench:engine -- [unix:///a/docker.sock …] [--rounds 3] [--scale 1] [--only one|five] [--shape shaped|plain]: time until `docker run` works, beside
// `docker pull` of the same image from the same registry by the same daemon, taking turns. Prints Markdown. Every image of the daemons given is removed, again and
// again; without any a daemon of its own is started.
import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { measured, takeTurns, wallOf } from './contest.ts';
import { startDocker } from './docker-daemon.ts';
import { MB, machine, mb, ms, say, table, target } from './figures.ts';
import { addProgram, fillWithFiles } from './file-trees.ts';
import { inFolder } from './folder.ts';
import { pushImage } from './images.ts';
import { type Endpoint, type Registries, startRegistries } from './registries.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    scale: { type: 'string', default: '1' },
    only: { type: 'string' },
    shape: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const cli = path.join(import.meta.dirname, '../dist/cli/index.js');
const LINK = { rate: 25 * MB, latencyMs: 20 };
/** Megabytes of files in the layers of one image, bottom first; the five share their first. */
const ONE = [90, 240, 160, 40, 180, 70, 20];
const FIVE = [1, 2, 3, 4, 5].map((number) => ({ number, own: [40 + 20 * number, 20] }));
const SHARED = 80;
/** What a run may take at most, as a multiple of what `docker pull` takes. */
const LIMITS = { shaped: { cold: 1, warm: 0.8 }, plain: { cold: 1.35, warm: 1.15 } };

async function build(registries: Registries, folder: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const layer = async (name: string, megabytes: number) => {
    const root = path.join(folder, name);
    await mkdir(root, { recursive: true });
    await fillWithFiles(root, name, megabytes * MB * Number(values.scale));
    await addProgram(root);
    return { folder: root };
  };
  const push = async (name: string, layers: { folder: string }[]) => {
    await pushImage(registries.plain.host, name, ['1'], layers);
    return `${name}:1`;
  };
  const images = new Map<string, readonly string[]>();
  if (values.only !== 'five') {
    const layers = [];
    for (const [at, size] of ONE.entries()) layers.push(await layer(`one-${at}`, size));
    images.set('one image of seven layers, 800 MB of files', [await push('bench/one', layers)]);
  }
  if (values.only !== 'one') {
    const shared = await layer('shared', SHARED);
    const names: string[] = [];
    for (const { number, own } of FIVE) {
      const layers = [shared];
      for (const [at, size] of own.entries()) layers.push(await layer(`five-${number}-${at}`, size));
      names.push(await push(`bench/five-${number}`, layers));
    }
    images.set('five images at once, 680 MB of files', names);
  }
  return images;
}

/** Seconds until the last of the images has run, for a shell command that brings them. */
async function compare(address: string, images: readonly string[], endpoint: Endpoint) {
  const names = images.map((image) => `${endpoint.host}/${image}`);
  const run = names.map((name) => `docker run --rm --network none --pull never ${name} /ok`).join(' && ');
  const docker = (...args: readonly string[]) =>
    execFileSync('docker', ['--host', address, ...args], { stdio: 'ignore' });
  return inFolder(async (folder) => {
    const store = (name: string) => path.join(folder, name);
    const pull = (...options: readonly string[]) => [process.execPath, cli, 'pull', ...names, ...options];
    execFileSync(process.execPath, pull('--engine', 'none', '--store', store('warm')).slice(1), { stdio: 'ignore' });
    const ways: Record<string, string> = {
      'docker pull': `${names.map((name) => `docker pull ${name} & p="$p $!"`).join('\n')}\nfor i in $p; do wait $i || exit 1; done`,
      'ours, cold': pull('--engine', 'docker', '--store', store('cold')).join(' '),
      'ours, in the store': pull('--engine', 'docker', '--store', store('warm')).join(' '),
    };
    return takeTurns(Object.keys(ways), rounds, async (way) => {
      docker('image', 'prune', '--all', '--force');
      execFileSync('rm', ['-rf', store('cold')]);
      const environment = { ...endpoint.environment, DOCKER_HOST: address };
      return measured({ file: 'sh', args: ['-c', `${ways[way]} || exit 1\n${run}`], environment }, endpoint);
    });
  });
}

const own = positionals.length === 0 ? await startDocker() : undefined;
const daemons = own ? [own.address] : positionals;
const registries = await startRegistries();
try {
  await inFolder(async (folder) => {
    const images = await build(registries, folder);
    say(
      `${machine()}. Medians of ${rounds} that took turns${values.scale === '1' ? '' : `; sizes × ${values.scale}`}.\n`,
    );
    for (const address of daemons) {
      const facts = execFileSync('docker', ['--host', address, 'info', '--format', '{{.ServerVersion}}, {{.Driver}}'], {
        encoding: 'utf8',
      });
      say(`### Docker ${facts.trim()}\n`);
      const rows: string[][] = [];
      const promises: string[] = [];
      for (const [title, names] of images) {
        for (const shape of ['shaped', 'plain'] as const) {
          if (values.shape && values.shape !== shape) continue;
          const endpoint = shape === 'plain' ? registries.plain : await registries.shaped(LINK);
          const runs = await compare(address, names, endpoint);
          const [docker, cold, warm] = ['docker pull', 'ours, cold', 'ours, in the store'].map((way) =>
            wallOf(runs.get(way) ?? []),
          );
          if (docker === undefined || cold === undefined || warm === undefined) continue;
          const where = shape === 'plain' ? 'bare loopback' : '25 MB/s a connection, 20 ms';
          const bytes = mb(runs.get('docker pull')?.[0]?.bytes ?? 0);
          rows.push([
            `${title}; ${where}; ${bytes} packed`,
            ms(docker),
            ms(cold),
            ms(warm),
            (cold / docker).toFixed(2),
            (warm / docker).toFixed(2),
          ]);
          promises.push(target(`${title.replace(/,.*/, '')}, ${where}: cold`, cold / docker, LIMITS[shape].cold));
          promises.push(
            target(`${title.replace(/,.*/, '')}, ${where}: in the store`, warm / docker, LIMITS[shape].warm),
          );
        }
      }
      say(table(['', '`docker pull`', 'ours, cold', 'ours, in the store', 'cold', 'in the store'], rows));
      say(`\n${promises.join('\n')}\n`);
    }
  });
} finally {
  await registries.stop();
  await own?.stop();
}
