import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { FaultRegistry } from '../../__tests__/support/faults/fault-registry.ts';

const run = promisify(execFile);

/** How a client ended: with what is right, an error, not in time, or without an error and yet not with what is right. */
export type Ended = 'right' | 'error' | 'endless' | 'wrong';

type Task = (registry: FaultRegistry, folder: string, limit: AbortSignal) => Promise<Ended>;

export interface Peer {
  readonly name: string;
  readonly version: string;
  readonly pull: Task;
  /** Absent if it cannot list tags. */
  readonly list?: Task;
}

interface Done {
  readonly code: number | null;
  readonly stdout: string;
}

/** Runs a program to its end, in a folder of its own for all it likes to remember; ended with its children at the limit. */
function program(command: string, args: readonly string[], home: string, limit: AbortSignal, env = {}): Promise<Done> {
  return new Promise((resolve) => {
    const child: ChildProcess = spawn(command, args, {
      // The home folder is the one that is pulled into, where nothing else may lie.
      env: { PATH: process.env.PATH, HOME: home, NODE_DISABLE_COMPILE_CACHE: '1', ...env },
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    let stdout = '';
    child.stdout?.on('data', (chunk) => {
      stdout += chunk;
    });
    const end = () => {
      if (child.pid) process.kill(-child.pid, 'SIGKILL');
    };
    limit.addEventListener('abort', end, { once: true });
    child.on('close', (code) => {
      limit.removeEventListener('abort', end);
      resolve({ code, stdout });
    });
  });
}

async function ended({ code }: Done, limit: AbortSignal, isRight: () => Promise<boolean> | boolean): Promise<Ended> {
  if (limit.aborted) return 'endless';
  if (code !== 0) return 'error';
  return (await isRight()) ? 'right' : 'wrong';
}

/** True if files somewhere below hash to the manifest's and the layer's digest. */
async function holdsImage(folder: string, { manifestDigest, layerDigest }: FaultRegistry): Promise<boolean> {
  const found = new Set<string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = await readFile(path.join(entry.parentPath, entry.name));
    found.add(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
  }
  return found.has(manifestDigest) && found.has(layerDigest);
}

const hasOneTag = (stdout: string): boolean => stdout.trim() === '1';

type Arguments = (registry: FaultRegistry, folder: string) => readonly string[];

/** A client that is one program with a folder as its target. */
function client(
  name: string,
  command: string,
  version: string,
  pull: Arguments,
  list: Arguments | undefined,
  isList = hasOneTag,
): Peer {
  return {
    name,
    version,
    pull: async (registry, folder, limit) =>
      ended(await program(command, pull(registry, folder), folder, limit), limit, () => holdsImage(folder, registry)),
    list: async (registry, folder, limit) => {
      const done = await program(command, (list ?? pull)(registry, folder), folder, limit);
      return ended(done, limit, () => (list ? isList(done.stdout) : holdsImage(folder, registry)));
    },
  };
}

function pullImage(): Peer {
  const bundle = path.resolve(import.meta.dirname, '../../dist/cli/index.js');
  const into = (folder: string) => ['--engine', 'none', '--platform', 'linux/amd64', '--store', folder];
  const pull: Arguments = ({ repository }, folder) => [bundle, 'pull', `${repository}:1`, ...into(folder)];
  const list: Arguments = ({ repository }, folder) => [bundle, 'pull', repository, '--all-tags', ...into(folder)];
  const peer = client('pull-image', process.execPath, 'dist/cli of this tree', pull, list);
  return { ...peer, list: client('pull-image', process.execPath, '', list, undefined).pull };
}

function skopeo(version: string): Peer {
  const isList = (stdout: string) => JSON.stringify(JSON.parse(stdout).Tags) === '["1"]';
  return client(
    'skopeo',
    'skopeo',
    version,
    ({ repository }, folder) => ['copy', '--src-tls-verify=false', `docker://${repository}:1`, `dir:${folder}`],
    ({ repository }) => ['list-tags', '--tls-verify=false', `docker://${repository}`],
    isList,
  );
}

const crane = (command: string, version: string): Peer =>
  client(
    'crane',
    command,
    version,
    ({ repository }, folder) => ['pull', '--format=oci', '--insecure', `${repository}:1`, folder],
    ({ repository }) => ['ls', '--insecure', repository],
  );

const oras = (command: string, version: string): Peer =>
  client(
    'oras',
    command,
    version,
    ({ repository }, folder) => ['copy', '--from-plain-http', `${repository}:1`, '--to-oci-layout', `${folder}:1`],
    ({ repository }) => ['repo', 'tags', '--plain-http', repository],
  );

/** Podman with storage of its own, which goes with its folder. */
function podman(version: string): Peer {
  const own = (folder: string) => [
    ...['--root', `${folder}/graph`, '--runroot', `${folder}/run`, '--storage-driver', 'vfs'],
    ...['--cgroup-manager', 'cgroupfs', '--events-backend', 'none'],
  ];
  const run = (folder: string, limit: AbortSignal, ...args: readonly string[]) =>
    program('podman', [...own(folder), ...args], folder, limit);
  return {
    name: 'podman',
    version,
    pull: async ({ repository, manifestDigest }, folder, limit) => {
      const done = await run(folder, limit, 'pull', '--quiet', '--tls-verify=false', `${repository}:1`);
      return ended(done, limit, async () => {
        const inspect = ['image', 'inspect', '--format', '{{.Digest}}', `${repository}:1`];
        return (await run(folder, AbortSignal.timeout(30_000), ...inspect)).stdout.includes(manifestDigest);
      });
    },
    list: async ({ repository }, folder, limit) => {
      const tags = ['search', '--list-tags', '--tls-verify=false', '--format', '{{.Tag}}', repository];
      const done = await run(folder, limit, ...tags);
      // Its version decides whether there is a heading, and whether the name stands before the tag.
      const lines = done.stdout.split('\n').filter((line) => line.trim() !== '' && !/\bTAG\s*$/.test(line));
      return ended(done, limit, () => lines.length === 1 && hasOneTag(lines[0]?.replace(/^\S+\s+(?=\S)/, '') ?? ''));
    },
  };
}

/** A Docker daemon; what it pulled is removed again, or the next cell would find it. */
function docker(host: string, name: string, version: string): Peer {
  const cell =
    (...flags: readonly string[]): Task =>
    async (registry, folder, limit) => {
      const name = `${registry.repository}${flags.length > 0 ? '' : ':1'}`;
      const done = await program('docker', ['pull', '--quiet', ...flags, name], folder, limit, { DOCKER_HOST: host });
      const inspect = ['image', 'inspect', '--format', '{{json .RepoDigests}}', `${registry.repository}:1`];
      const after = AbortSignal.timeout(30_000);
      const { stdout } = await program('docker', inspect, folder, after, { DOCKER_HOST: host });
      const result = await ended(done, limit, () => stdout.includes(registry.manifestDigest));
      await program('docker', ['rmi', `${registry.repository}:1`], folder, AbortSignal.timeout(30_000), {
        DOCKER_HOST: host,
      });
      return result;
    };
  return { name, version, pull: cell(), list: cell('--all-tags') };
}

/** A program as `name=command {ref} {dir}` tells of it; it lists no tags. */
function told(text: string): Peer {
  const [name = '', command = ''] = text.split(/=(.*)/s);
  const [file = '', ...words] = command.split(' ');
  const pull: Arguments = ({ repository }, folder) =>
    words.map((word) => word.replaceAll('{ref}', `${repository}:1`).replaceAll('{dir}', folder));
  return { name, version: command, pull: client(name, file, command, pull, undefined).pull };
}

async function answerOf(command: string, ...args: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout } = await run(command, args, { timeout: 10_000 });
    return stdout.trim().split('\n')[0];
  } catch {
    return undefined;
  }
}

/** pull-image's own bundle, and what there is of skopeo, Podman, crane, oras and Docker, and what `more` tells of; the two Go programs also from `go install`'s folder. */
export async function installedPeers(
  dockerHosts: readonly string[],
  more: readonly string[],
): Promise<readonly Peer[]> {
  const found: Peer[] = [pullImage()];
  const skopeoVersion = await answerOf('skopeo', '--version');
  if (skopeoVersion) found.push(skopeo(skopeoVersion));
  const podmanVersion = await answerOf('podman', '--version');
  if (podmanVersion) found.push(podman(podmanVersion));
  for (const [name, make, flag] of [
    ['crane', crane, 'version'],
    ['oras', oras, 'version'],
  ] as const) {
    const installed = path.join(process.env.GOBIN ?? '', name);
    const command = process.env.GOBIN && existsSync(installed) ? installed : name;
    const version = await answerOf(command, flag);
    if (version) found.push(make(command, version));
  }
  for (const host of dockerHosts.length > 0 ? dockerHosts : [process.env.DOCKER_HOST ?? '']) {
    const facts =
      host && (await answerOf('docker', '--host', host, 'info', '--format', '{{.ServerVersion}} {{.Driver}}'));
    const [version, driver] = (facts || '').split(' ');
    if (host && version)
      found.push(docker(host, `docker ${version.split('.')[0]} ${driver}`, `daemon ${version}, ${driver}`));
  }
  found.push(...more.map(told));
  return found;
}
