import path from 'node:path';
import type { RegistryOptions } from '../../src/registry/registry.ts';
import { machineFiles } from '../../src/registry/routes/machine-files.ts';
import { openClient } from './client.ts';
import { namesOf } from './names.ts';
import { folderWith } from './network.ts';

/** A client on a machine with these files; `certs.d` is for hosts.toml, `etc` for registries.conf. */
export async function onMachine(files: Readonly<Record<string, string>>, options: Partial<RegistryOptions> = {}) {
  const folder = await folderWith(files);
  const warnings: string[] = [];
  const folders = { hosts: [path.join(folder, 'certs.d')], containers: path.join(folder, 'etc') };
  const machine = machineFiles({ HOME: folder }, (warning) => warnings.push(warning), folders);
  const client = openClient({ machineFiles: machine, lookup: namesOf(), certificateFolders: [], ...options });
  return { client, warnings, folder };
}

/** Where the hosts.toml of a registry lies on such a machine. */
export const hostsFileOf = (host: string): string => `certs.d/${host.replace(/:(\d+)$/, '_$1_')}/hosts.toml`;
