import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { PullError } from '../errors.ts';
import { clientProblem } from './client-certificate.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Certificates and keys as PEM text. */
export interface Certificates {
  /** Authorities besides those that Node has. */
  readonly authorities: readonly string[];
  readonly client?: { readonly cert: string; readonly key: string } | undefined;
}

/** Where Linux distributions keep all authorities in one file: Debian, Fedora and RHEL, openSUSE, Alpine. The first that is there counts, as in Go. */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];
const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * Every authority this machine trusts: those of Node and of NODE_EXTRA_CA_CERTS, and of SSL_CERT_FILE and SSL_CERT_DIR or else the system's. To be asked for
 * only when Node's own do not suffice, for taking in some 300 certificates costs tens of milliseconds. Files that are not there count as empty.
 */
export async function allAuthorities(environment: Environment): Promise<readonly string[]> {
  const { NODE_EXTRA_CA_CERTS, SSL_CERT_FILE, SSL_CERT_DIR } = environment;
  const named = [NODE_EXTRA_CA_CERTS, SSL_CERT_FILE].filter((file) => file !== undefined && file !== '');
  const texts = await Promise.all(named.map((file) => readIfThere(file ?? '')));
  for (const folder of (SSL_CERT_DIR ?? '').split(path.delimiter).filter(Boolean)) texts.push(...(await allIn(folder)));
  const theirs = SSL_CERT_FILE || SSL_CERT_DIR ? [] : await systemAuthorities();
  const found = [...texts, ...theirs].flatMap((text) => text.match(BLOCK) ?? []);
  return [...new Set([...tls.rootCertificates, ...found])];
}

/** Windows and macOS have no file: there Node asks the system, where it is new enough (22.15). */
async function systemAuthorities(): Promise<readonly string[]> {
  for (const bundle of BUNDLES) {
    const text = await readIfThere(bundle);
    if (text !== '') return [text];
  }
  return tls.getCACertificates?.('system') ?? [];
}

/** The folders in which Docker, rootless or not, containers/image and containerd look for a registry's certificates (containers-certs.d(5)). */
export function certificateFolders(environment: Environment): readonly string[] {
  const home = environment.HOME || homedir();
  return [
    '/etc/docker/certs.d',
    path.join(home, '.config/docker/certs.d'),
    path.join(home, '.config/containers/certs.d'),
    '/etc/containers/certs.d',
    '/etc/containerd/certs.d',
  ];
}

/**
 * What lies in folders named after the host: `*.crt` are authorities, the first `*.cert` with its `*.key` is the client's; a `*.cert` may hold its key.
 * Throws INPUT_INVALID about the file for a certificate without a key, a pair that TLS cannot use, or a file that cannot be read.
 */
export async function certificatesFor(hosts: readonly string[], folders: readonly string[]): Promise<Certificates> {
  const authorities: string[] = [];
  let client: Certificates['client'];
  for (const folder of folders.flatMap((parent) => hosts.map((host) => path.join(parent, host)))) {
    const names = await namesIn(folder);
    for (const name of names.filter((file) => file.endsWith('.crt')))
      authorities.push(await readText(path.join(folder, name)));
    const certificate = names.find((file) => file.endsWith('.cert'));
    if (certificate !== undefined) client ??= await clientOf(path.join(folder, certificate));
  }
  return { authorities, client };
}

async function clientOf(file: string): Promise<Certificates['client']> {
  const cert = await readText(file);
  const keyFile = file.replace(/\.cert$/, '.key');
  const own = await readIfThere(keyFile);
  const key = own || (cert.includes('PRIVATE KEY-----') ? cert : '');
  if (key === '')
    throw new PullError('INPUT_INVALID', file, `expected its key in ${path.basename(keyFile)} beside it, found none`);
  const problem = clientProblem({ cert, certFile: file, key, keyFile: own === '' ? file : keyFile });
  if (problem) throw new PullError('INPUT_INVALID', problem.file, problem.reason);
  return { cert, key };
}

/** Sorted, as Docker reads them; a folder that is not there, or not ours to see, is empty. */
async function namesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.sort();
}

async function allIn(folder: string): Promise<readonly string[]> {
  return Promise.all((await namesIn(folder)).map((name) => readIfThere(path.join(folder, name))));
}

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new PullError('INPUT_INVALID', file, `it cannot be read (${error.code})`, { cause: error });
  });
}

async function readIfThere(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}
