import { execFile } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { ownContainerd } from '../../__tests__/support/containerd.ts';
import { hasPart } from '../../__tests__/support/installed.ts';
import { newerDocker, type OwnDockerOptions, ownDocker } from '../../__tests__/support/own-docker.ts';
import { ownPodman } from '../../__tests__/support/podman.ts';

const run = promisify(execFile);

/** A client of registries, with storage of its own. */
export interface Client {
  readonly version: string;
  /** Pulls into empty storage; the digest that the client names. */
  pull(reference: string): Promise<string>;
  /** Pushes what was pulled last under another reference; the digest that the client names, if it does. */
  push(reference: string): Promise<string | undefined>;
  /** Ends what was started for it. */
  close(): Promise<void>;
}

/** Makes a client that uses the folder. */
type Start = (folder: string) => Promise<Client>;

/**
 * Each client whose programs are installed, in the order of the table; Docker and containerd as daemons of their own, which only root may start. A later Docker, in the
 * folder NEWER_DOCKER names, has its images in containerd.
 */
export function installedClients(): readonly (readonly [name: string, start: Start])[] {
  const isRoot = process.getuid?.() === 0;
  const newer = newerDocker();
  const all: readonly (readonly [name: string, programs: readonly string[], start: Start])[] = [
    ['docker', isRoot ? ['docker', 'dockerd'] : ['docker, as root'], docker({})],
    ['docker-containerd', isRoot && newer ? [] : ['a later docker, as root'], docker({ newer, store: 'containerd' })],
    ['podman', ['podman'], podman],
    ['skopeo', ['skopeo'], layoutClient('skopeo', '--version', SKOPEO)],
    ['crane', ['crane'], layoutClient('crane', 'version', CRANE)],
    ['oras', ['oras'], layoutClient('oras', 'version', ORAS)],
    ['ctr', isRoot ? ['ctr', 'containerd'] : ['ctr, as root'], ctr],
  ];
  return all.filter(([, programs]) => hasPart(...programs)).map(([name, , start]) => [name, start]);
}

const outputOf = async (file: string, ...args: readonly string[]) => (await run(file, args)).stdout;
const versionIn = (text: string): string => /\d+\.\d+\.\d+/.exec(text)?.[0] ?? '';
const digestIn = (text: string): string => /sha256:[0-9a-f]{64}/.exec(text)?.[0] ?? `no digest in: ${text.trim()}`;

/** The words of a command; {ref} and {dir} stand for what changes. */
interface Commands {
  readonly pull: string;
  readonly push: string;
}

const SKOPEO: Commands = {
  pull: 'copy --quiet --all --src-tls-verify=false docker://{ref} oci:{dir}:1',
  push: 'copy --quiet --all --dest-tls-verify=false oci:{dir}:1 docker://{ref}',
};
const CRANE: Commands = { pull: 'pull --format=oci {ref} {dir}', push: 'push {dir} {ref}' };
const ORAS: Commands = {
  pull: 'copy --no-tty --from-plain-http {ref} --to-oci-layout {dir}:1',
  push: 'copy --no-tty --from-oci-layout {dir}:1 --to-plain-http {ref}',
};

/** A program without a daemon that pulls into an OCI layout, every platform: the digest is what the layout names. */
function layoutClient(file: string, versionFlag: string, { pull, push }: Commands): Start {
  return async (folder) => {
    const dir = path.join(folder, 'layout');
    const words = (command: string, ref: string) =>
      command.split(' ').map((word) => word.replace('{ref}', ref).replace('{dir}', dir));
    return {
      version: versionIn(await outputOf(file, versionFlag)),
      async pull(reference) {
        await rm(dir, { recursive: true, force: true });
        await mkdir(dir);
        await outputOf(file, ...words(pull, reference));
        return digestIn(await readFile(path.join(dir, 'index.json'), 'utf8'));
      },
      async push(reference) {
        await outputOf(file, ...words(push, reference));
        return undefined;
      },
      close: async () => {},
    };
  };
}

const docker =
  (options: OwnDockerOptions): Start =>
  async () => {
    const own = await ownDocker(options);
    await own.start();
    let pulled = '';
    return {
      version: versionIn(await own.docker('version', '--format', '{{.Server.Version}}')),
      async pull(reference) {
        await own.docker('system', 'prune', '--all', '--force');
        pulled = reference;
        return digestIn(await own.docker('pull', reference));
      },
      async push(reference) {
        await own.docker('tag', pulled, reference);
        return digestIn(await own.docker('push', reference));
      },
      close: own.dispose,
    };
  };

async function podman(folder: string): Promise<Client> {
  const own = await ownPodman(folder);
  const digestFile = path.join(folder, 'digest');
  let pulled = '';
  return {
    version: versionIn(await own.podman('--version')),
    async pull(reference) {
      await own.podman('rmi', '--all', '--force');
      pulled = reference;
      await own.podman('pull', '--quiet', '--tls-verify=false', reference);
      return digestIn(await own.podman('images', '--digests', '--format', '{{.Digest}}'));
    },
    async push(reference) {
      await own.podman('push', '--quiet', '--tls-verify=false', '--digestfile', digestFile, pulled, reference);
      return digestIn(await readFile(digestFile, 'utf8'));
    },
    close: own.dispose,
  };
}

async function ctr(folder: string): Promise<Client> {
  const own = await ownContainerd(folder);
  let pulled = '';
  return {
    version: versionIn(await own.ctr('--version')),
    async pull(reference) {
      if (pulled) await own.ctr('images', 'rm', '--sync', pulled);
      pulled = reference;
      await own.ctr('images', 'pull', '--plain-http', '--all-platforms', reference);
      return digestIn(await own.ctr('images', 'ls', `name==${reference}`));
    },
    async push(reference) {
      await own.ctr('images', 'push', '--plain-http', reference, pulled);
      return undefined;
    },
    close: own.stop,
  };
}
