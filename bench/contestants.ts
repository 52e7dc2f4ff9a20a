import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { hasPart } from '../__tests__/support/installed.ts';
import type { DockerDaemon } from './docker-daemon.ts';
import type { Command } from './measure.ts';
import type { Endpoint } from './registries.ts';

/** Whoever pulls an image: one command, into an empty folder of its own. */
export interface Contestant {
  readonly name: string;
  readonly version: string;
  command(image: string, folder: string, endpoint: Endpoint): Command;
  /** Forgets what was pulled, where the folder does not hold it all. */
  forget?(): void;
}

/** The committed bundle. */
export const cli = path.join(import.meta.dirname, '../dist/cli/index.js');

export interface Ours extends Contestant {
  /** Several images in one run, into a store that may hold something. */
  several(images: readonly string[], store: string, endpoint: Endpoint): Command;
}

/** The committed bundle, on the Node that runs this; further options as given. */
export function ours(...options: readonly string[]): Ours {
  const several: Ours['several'] = (images, store, { host, environment }) => ({
    file: process.execPath,
    args: [cli, 'pull', ...images.map((image) => `${host}/${image}`), '--engine=none', '--store', store, ...options],
    environment,
  });
  return {
    name: ['ours', ...options].join(' '),
    version: execFileSync(process.execPath, [cli, '--version'], { encoding: 'utf8' }).trim(),
    several,
    command: (image, folder, endpoint) => several([image], path.join(folder, 'store'), endpoint),
  };
}

// Each with its default flags, into an OCI layout where it can; {ref} {dir} {scheme} stand for what changes, a word with ? only where the scheme is http.
const PEERS: Readonly<Record<string, readonly [version: string, command: string]>> = {
  skopeo: ['--version', 'skopeo copy ?--src-tls-verify=false docker://{ref} oci:{dir}:latest'],
  crane: ['version', 'crane pull --format=oci {ref} {dir}'],
  oras: ['version', 'oras copy ?--from-plain-http {ref} --to-oci-layout {dir}:latest'],
  podman: ['--version', 'podman --root {dir}/root --runroot {dir}/run pull ?--tls-verify=false {ref}'],
};

/**
 * The peers that are installed, on PATH or in the folders of PEERS_PATH; `more` adds others as `name=command`. Docker takes part if a daemon is given: it
 * unpacks too, as podman does.
 */
export function peers(more: readonly string[], daemon: DockerDaemon | undefined): readonly Contestant[] {
  process.env.PATH = [process.env.PEERS_PATH, process.env.PATH].filter(Boolean).join(path.delimiter);
  const known = Object.entries(PEERS).filter(([name]) => hasPart(name));
  const others = more.map((text) => {
    const [name = '', ...command] = text.split('=');
    return fromTemplate(name, '', command.join('='));
  });
  return [
    ...known.map(([name, [flag, command]]) => fromTemplate(name, versionOf(name, flag), command)),
    ...others,
    ...(daemon ? [docker(daemon)] : []),
  ];
}

const versionOf = (file: string, flag: string): string =>
  /\d+\.\d+\S*/.exec(execFileSync(file, [flag], { encoding: 'utf8' }))?.[0] ?? '';

function fromTemplate(name: string, version: string, template: string): Contestant {
  return {
    name,
    version,
    command(image, folder, { host, scheme, environment }) {
      const values: Record<string, string> = { ref: `${host}/${image}`, dir: path.join(folder, 'layout'), scheme };
      const words = template.split(' ').filter((word) => scheme === 'http' || !word.startsWith('?'));
      const [file = '', ...args] = words.map((word) =>
        word.replace(/^\?/, '').replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole),
      );
      return { file, args, environment };
    },
  };
}

function docker(daemon: DockerDaemon): Contestant {
  return {
    name: 'docker',
    version: daemon.version,
    command: (image, _folder, { host }) => ({
      file: 'docker',
      args: ['--host', daemon.address, 'pull', `${host}/${image}`],
      daemon: daemon.pid,
    }),
    forget: daemon.empty,
  };
}
