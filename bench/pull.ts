// npm run bench -- [CASE…] [--rounds 7] [--only NAME] [--peer 'NAME=COMMAND'] [--scale 1]: ours and every peer that is installed, taking turns. Prints Markdown;
// ratios are of medians from one run, absolute figures are this machine's. PEERS_PATH names folders with peers that are not on PATH.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { hasPart } from '../__tests__/support/installed.ts';
import { ours, peers } from './contestants.ts';
import { contests, type World } from './contests.ts';
import { startDocker } from './docker-daemon.ts';
import { machine, say } from './figures.ts';
import { pushImage } from './images.ts';
import { link } from './link.ts';
import { ownCases } from './own-cases.ts';
import { startRegistries } from './registries.ts';

const CASES = [link, ...contests, ...ownCases];
const names = CASES.flatMap(({ name, parts }) => [...new Set([name, ...parts])]);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '7' },
    scale: { type: 'string', default: '1' },
    only: { type: 'string', multiple: true, default: [] },
    peer: { type: 'string', multiple: true, default: [] },
  },
});
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0 || !hasPart('docker-registry', 'openssl')) {
  const why = unknown.length > 0 ? `no case ${unknown.join(', ')}` : 'docker-registry and openssl are needed';
  process.stderr.write(`bench: ${why}. Cases: ${names.join(', ')}\n`);
  process.exit(1);
}

const takesPart = (name: string) => values.only.length === 0 || values.only.includes(name);
const selected = CASES.flatMap((each) => {
  const parts =
    positionals.length === 0 || positionals.includes(each.name)
      ? each.parts
      : each.parts.filter((part) => positionals.includes(part));
  return parts.length > 0 ? [{ each, parts }] : [];
});

// Gigabytes come and go: all of them in one folder, which is gone at the end whatever happens.
const folder = mkdtempSync(path.join(tmpdir(), 'bench-pull-'));
process.env.TMPDIR = folder;
const stops: (() => Promise<void>)[] = [];
async function finish(): Promise<void> {
  await Promise.allSettled(stops.map((stop) => stop()));
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => void finish().finally(() => process.exit(130)));

const contested = selected.some(({ each }) => contests.includes(each));
const docker = contested && takesPart('docker') ? await startDocker() : undefined;
if (docker) stops.push(docker.stop);
const registries = await startRegistries();
stops.push(registries.stop);
const pushed = new Map<string, Promise<string>>();
const world: World = {
  registries,
  peers: contested ? peers(values.peer, docker).filter(({ name }) => takesPart(name)) : [],
  rounds: Number(values.rounds),
  scale: Number(values.scale),
  image(repository, layers, tags = ['1']) {
    const known = pushed.get(repository) ?? pushImage(registries.plain.host, repository, tags, layers);
    pushed.set(repository, known);
    return known;
  },
};

const absent = values.only.filter((name) => name !== 'ours' && !world.peers.some((peer) => peer.name === name));
if (contested && absent.length > 0) process.stderr.write(`bench: not installed: ${absent.join(', ')}\n`);

try {
  say(`${machine()}, ${[ours(), ...world.peers].map(({ name, version }) => `${name} ${version}`.trim()).join(', ')}`);
  say(`Medians of ${world.rounds} that took turns${world.scale === 1 ? '' : `; sizes × ${world.scale}`}.`);
  for (const { each, parts } of selected) {
    say(`\n### ${each.name}: ${each.title}\n`);
    await each.run(world, parts);
  }
} finally {
  await finish();
}
