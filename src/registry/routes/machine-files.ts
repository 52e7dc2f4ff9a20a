import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { once } from '../../lib/pool.ts';
import { clientProblem } from '../client-certificate.ts';
import { type HostEntry, type HostSettings, parseHosts } from './hosts-toml.ts';
import { type RegistryRule, readRegistriesConf } from './registries-conf.ts';
import { readToml, type Warn } from './toml.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What connections to an origin are made with besides the usual; PEM texts. */
export interface OriginSettings extends Pick<HostSettings, 'skipsVerify' | 'headers' | 'connectMs'> {
  readonly authorities: readonly string[];
  readonly client?: { readonly cert: string; readonly key: string } | undefined;
}

/** A host of a file, its certificates read. */
export interface FileHost extends Omit<HostEntry, 'settings'> {
  readonly settings: OriginSettings;
}

/** The hosts that a file names for a registry; the last one is the registry's own. */
export interface HostsFile {
  readonly file: string;
  readonly hosts: readonly FileHost[];
}

/** What other tools of this machine are told of registries; each file is read once, when it is asked for. Never throws. */
export interface MachineFiles {
  /** The `hosts.toml` for a registry by its domain. */
  hosts(domain: string): Promise<HostsFile | undefined>;
  /** The rules of `registries.conf`. */
  rules(): Promise<readonly RegistryRule[]>;
}

export const NO_FILES: MachineFiles = { hosts: async () => undefined, rules: async () => [] };

/** Where Docker with the containerd image store and containerd look for `hosts.toml`, and the folder of `registries.conf`. */
export interface MachineFolders {
  readonly hosts: readonly string[];
  readonly containers: string;
}

const FOLDERS: MachineFolders = {
  hosts: ['/etc/docker/certs.d', '/etc/containerd/certs.d'],
  containers: '/etc/containers',
};

/** The files of this machine; each thing that is odd in them is a warning, once. */
export function machineFiles(environment: Environment, warn: Warn, folders = FOLDERS): MachineFiles {
  const told = new Set<string>();
  const tell: Warn = (message) => {
    if (!told.has(message)) warn(message);
    told.add(message);
  };
  const hosts = once<HostsFile | undefined>();
  const rules = once<readonly RegistryRule[]>();
  return {
    hosts: (domain) => hosts(domain, () => findHosts(domain, folders.hosts, tell)),
    rules: () => rules('', () => readRegistriesConf(environment, tell, folders.containers)),
  };
}

/** The first file there is: by the registry's name in each folder, then what is for all others. */
async function findHosts(domain: string, folders: readonly string[], warn: Warn): Promise<HostsFile | undefined> {
  const names = [domain.replace(/:(\d+)$/, '_$1_'), domain];
  const own = folders.flatMap((folder) => [...new Set(names)].map((name) => path.join(folder, name)));
  for (const folder of [...own, ...folders.map((each) => path.join(each, '_default'))]) {
    const file = path.join(folder, 'hosts.toml');
    const table = await readToml(file, warn);
    if (!table) continue;
    const tell: Warn = (problem) => warn(`${file}: ${problem}`);
    const entries = parseHosts(table, folder, tell);
    return { file, hosts: await Promise.all(entries.map((entry) => withCertificates(entry, tell))) };
  }
  return undefined;
}

async function withCertificates(entry: HostEntry, warn: Warn): Promise<FileHost> {
  const { authorities, client, skipsVerify, headers, connectMs } = entry.settings;
  const read = async (file: string) =>
    readFile(file, 'utf8').catch(({ code }: NodeJS.ErrnoException) => {
      warn(`${file} cannot be read (${code}); it is left out`);
      return undefined;
    });
  const texts = await Promise.all(authorities.map(read));
  const settings: OriginSettings = {
    authorities: texts.filter((text) => text !== undefined),
    client: client && (await readClient(client, read, warn)),
    skipsVerify,
    headers,
    connectMs,
  };
  return { ...entry, settings };
}

async function readClient(
  [certFile, keyFile]: readonly [string, string],
  read: (file: string) => Promise<string | undefined>,
  warn: Warn,
): Promise<OriginSettings['client']> {
  const [cert, key] = await Promise.all([read(certFile), read(keyFile)]);
  if (cert === undefined || key === undefined) return undefined;
  const problem = clientProblem({ cert, certFile, key, keyFile });
  if (problem) warn(`${problem.file}: ${problem.reason}; the client certificate is left out`);
  return problem ? undefined : { cert, key };
}
