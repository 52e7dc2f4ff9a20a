import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createNetwork, type Network, type NetworkOptions } from '../../src/registry/network.ts';
import type { HttpRequest } from '../../src/registry/transport/transport.ts';
import { namesOf } from './names.ts';
import { scriptedServer } from './scripted-server.ts';

const open = new Set<{ close(): Promise<void> }>();
const folders = new Set<string>();

/** A network under test, where `*.test` is this machine; to be closed by `closeNetworks`. */
export function openNetwork(options: Partial<NetworkOptions> = {}): Network {
  const network = createNetwork({
    environment: {},
    insecureRegistries: [],
    certificateFolders: [],
    connections: 2,
    userAgent: 'pull-image/test',
    timeouts: { connectMs: 5000, headersMs: 5000, bodyMs: 5000 },
    signal: new AbortController().signal,
    lookup: namesOf(),
    ...options,
  });
  open.add(network);
  return network;
}

/** Ends every network and removes every folder of a test. */
export async function closeNetworks(): Promise<void> {
  await Promise.all([...open].map((network) => network.close()));
  open.clear();
  await Promise.all([...folders].map((folder) => rm(folder, { recursive: true, force: true })));
  folders.clear();
}

/** A folder with these files by relative name; returns its path. */
export async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'network-'));
  folders.add(folder);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
  return folder;
}

/** A request with a login, about `registry.test/x`. */
export function requestTo(url: string | URL, more: Partial<HttpRequest> = {}): HttpRequest {
  return {
    method: 'GET',
    url: new URL(url),
    headers: { authorization: 'Basic secret' },
    purpose: { kind: 'manifest', domain: 'registry.test', repository: 'registry.test/x', target: 'registry.test/x:1' },
    limit: 1000,
    ...more,
  };
}

/** A server for `registry.test` over TLS; its certificate, `SELF_SIGNED`, is its own authority. */
export async function secureServer() {
  const server = await scriptedServer((_, response) => response.end('x'), { tls: true });
  const host = `registry.test:${new URL(server.origin).port}`;
  return { server, host, url: `https://${host}/v2/` };
}
