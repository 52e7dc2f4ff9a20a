// npm run clients [-- NAME…]: every client of registries that is installed, on PATH or in the folders of PEERS_PATH, pulls an image of two platforms through `serve`
// from upstream, pushes it to `serve`, pulls that back, and pulls the first once more with upstream stopped. Prints Markdown; ends with 1 if a digest differs or a
// client fails.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bagRegistry } from '../__tests__/support/bag-registry.ts';
import { served } from '../__tests__/support/serving.ts';
import { listedNames, makeIndex } from '../__tests__/support/stored-image.ts';
import { until } from '../__tests__/support/until.ts';
import { cleanLine } from '../src/lib/clean.ts';
import { type Client, installedClients } from './clients/installed-clients.ts';
import { say } from './figures.ts';
import { inFolder } from './folder.ts';

process.env.PATH = [process.env.PEERS_PATH, process.env.PATH].filter(Boolean).join(path.delimiter);
const { positionals } = parseArgs({ allowPositionals: true });

/** Does the work and puts what comes of it into the table. */
type Step = (title: string, work: () => Promise<string>) => Promise<void>;

const TITLES = ['pulled through', 'pushed', 'pulled back', 'pulled with upstream stopped'];

/** The four steps of one client, with a server, a store and an upstream of its own. */
async function steps(client: Client, { name, folder }: { readonly name: string; readonly folder: string }, step: Step) {
  const layers = [`${name} base`, `${name} app`];
  const image = await makeIndex({ layers, layerSize: 300_000 }, { layers: [`${name} arm`], architecture: 'arm64' });
  image.bag.tag('library/app', '1', image.target);
  const upstream = await bagRegistry(image.bag);
  // Nobody else is Docker Hub here, and none is asked.
  const conf = path.join(folder, 'registries.conf');
  await writeFile(conf, `[[registry]]\nprefix = "docker.io"\nlocation = "${upstream.host}"\n`);
  const registry = await served({}, undefined, { environment: { CONTAINERS_REGISTRIES_CONF: conf } });
  const [there, back] = [`${registry.host}/library/app:1`, `${registry.host}/team/${name}:1`];
  const { digest } = image.target;
  let pushed = '';
  try {
    await step('pulled through', async () => verdict(digest, await client.pull(there)));
    await step('pushed', async () => {
      const named = await client.push(back);
      const answer = await registry.ask('HEAD', `team/${name}/manifests/1`);
      pushed = answer.headers.get('docker-content-digest') ?? 'nothing';
      const isPart = image.manifests.some((manifest) => manifest.digest === pushed);
      const how = isPart ? ', its platform alone' : ', packed anew';
      return verdict(pushed, named ?? pushed, pushed === digest ? '' : how);
    });
    await step('pulled back', async () => verdict(pushed, await client.pull(back)));
    await until(async () => (await listedNames(registry.store)).includes('app:1'));
    await upstream.close();
    await step('pulled with upstream stopped', async () => verdict(digest, await client.pull(there)));
  } finally {
    await registry.dispose();
    await upstream.close();
  }
}

function verdict(expected: string, found: string, more = ''): string {
  if (found === expected) return `✓${more}`;
  process.exitCode = 1;
  return `expected ${expected}, found ${found}`;
}

async function row(name: string, start: (folder: string) => Promise<Client>): Promise<string> {
  const cells = new Map<string, string>();
  return inFolder(async (folder) => {
    const client = await start(folder);
    try {
      await steps(client, { name, folder }, async (title, work) => void cells.set(title, await work()));
    } catch (error) {
      process.exitCode = 1;
      const next = TITLES.find((title) => !cells.has(title)) ?? '';
      cells.set(next, `failed: ${cleanLine(String((error as Error).message)).slice(0, 500)}`);
    } finally {
      await client.close();
    }
    return `| ${name} | ${client.version} | ${TITLES.map((title) => cells.get(title) ?? '–').join(' | ')} |`;
  });
}

const clients = installedClients().filter(([name]) => positionals.length === 0 || positionals.includes(name));
if (clients.length === 0) {
  process.stderr.write('clients: none of them is installed\n');
  process.exitCode = 1;
} else {
  say(`| client | version | ${TITLES.join(' | ')} |\n|---|---|${'---|'.repeat(TITLES.length)}`);
  for (const [name, start] of clients) say(await row(name, start));
}
