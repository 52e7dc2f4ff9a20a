import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { digestOf } from '../../src/oci/digest.ts';
import type { TokenAuth } from './token-server.ts';

/** A login for `htpasswd`: a line of such a file (bcrypt) and what it stands for. */
export const HTPASSWD = {
  username: 'robot',
  password: 'secret',
  line: 'robot:$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a',
};

export interface DockerRegistry {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** Lines of its access log: all that was answered before the call is in them, for it writes a line only after it has answered. */
  log(): Promise<string[]>;
  stop(): Promise<void>;
}

export interface RegistryOptions {
  /** Lines of logins, one of which it then wants. */
  readonly htpasswd?: string;
  /** The server whose tokens it then wants. */
  readonly token?: TokenAuth;
  /** Files of a certificate and its key: it then speaks TLS. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** The folder its blobs lie in, for two that serve the same; else an empty one of its own. */
  readonly data?: string;
  /** True for one that deletes what it is told to. */
  readonly deletes?: boolean;
}

/** Debian's `docker-registry` on a free port of 127.0.0.1. */
export async function startDockerRegistry(options: RegistryOptions = {}): Promise<DockerRegistry> {
  const { htpasswd, token, tls, data, deletes = false } = options;
  const root = await mkdtemp(path.join(tmpdir(), 'docker-registry-'));
  const config = path.join(root, 'config.json');
  const passwords = path.join(root, 'htpasswd');
  if (htpasswd !== undefined) await writeFile(passwords, `${htpasswd}\n`);
  const roots = path.join(root, 'roots.pem');
  if (token !== undefined) await writeFile(roots, token.certificate);
  // YAML reads JSON.
  await writeFile(
    config,
    JSON.stringify({
      version: '0.1',
      log: { level: 'info', fields: { service: 'registry' } },
      storage: {
        filesystem: { rootdirectory: data ?? path.join(root, 'data') },
        delete: { enabled: deletes },
      },
      http: { addr: '127.0.0.1:0', ...(tls && { tls }) },
      ...(htpasswd === undefined ? {} : { auth: { htpasswd: { realm: 'test', path: passwords } } }),
      ...(token === undefined ? {} : { auth: { token: { ...token, rootcertbundle: roots } } }),
    }),
  );
  const child = spawn('docker-registry', ['serve', config], { stdio: ['ignore', 'pipe', 'pipe'] });
  const gone = once(child, 'close');
  let access = '';
  let messages = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    access += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    messages += text;
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await gone;
    await rm(root, { recursive: true, force: true });
  };
  const listening = () => /listening on (127\.0\.0\.1:\d+)/.exec(messages)?.[1];
  while (listening() === undefined) {
    if (child.exitCode !== null) {
      await stop();
      throw new Error(`docker-registry did not start: ${messages}`);
    }
    await Promise.race([once(child.stderr, 'data'), gone]);
  }
  const host = listening() ?? '';
  let marks = 0;
  const log = async () => {
    marks += 1;
    const mark = `GET /v2/?mark=${marks} `;
    await ask(`${tls ? 'https' : 'http'}://${host}/v2/?mark=${marks}`);
    while (!access.includes(mark)) await Promise.race([once(child.stdout, 'data'), gone]);
    return access.split('\n').filter((line) => line !== '' && !line.includes('/v2/?mark='));
  };
  return { host, log, stop };
}

/** Asks, whoever the certificate is from, and reads the answer, whatever it says. */
async function ask(url: string): Promise<void> {
  const { get } = url.startsWith('https:') ? https : http;
  const [answer] = await once(get(url, { rejectUnauthorized: false, agent: false }), 'response');
  await text(answer);
}

/** Uploads a blob; gives its digest. */
export async function pushBlob(
  host: string,
  repository: string,
  bytes: Uint8Array,
  headers: Record<string, string> = {},
) {
  const digest = digestOf(bytes);
  const started = await fetch(`http://${host}/v2/${repository}/blobs/uploads/`, { method: 'POST', headers });
  const at = new URL(started.headers.get('location') ?? '', `http://${host}/`);
  at.searchParams.set('digest', digest);
  const done = await fetch(at, { method: 'PUT', headers, body: Buffer.from(bytes) });
  if (done.status !== 201) throw new Error(`upload of a blob: ${done.status} ${await done.text()}`);
  return digest;
}

/** Uploads a manifest or index under a tag; gives its digest. */
export async function pushManifest(
  host: string,
  repository: string,
  tag: string,
  { mediaType, bytes }: { readonly mediaType: string; readonly bytes: Uint8Array },
  headers: Record<string, string> = {},
) {
  const url = `http://${host}/v2/${repository}/manifests/${tag}`;
  const done = await fetch(url, {
    method: 'PUT',
    headers: { ...headers, 'content-type': mediaType },
    body: Buffer.from(bytes),
  });
  if (done.status !== 201) throw new Error(`upload of a manifest: ${done.status} ${await done.text()}`);
  return digestOf(bytes);
}
