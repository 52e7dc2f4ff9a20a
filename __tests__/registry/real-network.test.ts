import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect } from '@jest/globals';
import type { PullEvent } from '../../src/outcome.ts';
import type { Ports } from '../../src/ports.ts';
import { pull } from '../../src/pull/pull.ts';
import type { RegistryOptions } from '../../src/registry/registry.ts';
import { parseSettings } from '../../src/settings.ts';
import { memoryCache } from '../fakes/memory-cache.ts';
import { memoryStore } from '../fakes/memory-store.ts';
import { newAuthority } from '../support/authority.ts';
import { closeClients, openClient } from '../support/client.ts';
import { closeProxies, connectProxy } from '../support/connect-proxy.ts';
import { HTPASSWD, pushBlob, pushManifest, startDockerRegistry } from '../support/docker-registry.ts';
import { type ImageRecipe, imageBag } from '../support/image-builder.ts';
import { namesOf } from '../support/names.ts';
import { closeNetworks, folderWith } from '../support/network.ts';
import { type FrontOptions, startNginx, startRecorder } from '../support/nginx.ts';
import { realTest } from '../support/real-parts.ts';

const { username, password } = HTPASSWD;
const LOGIN = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await closeClients();
  for (const close of closing.splice(0).reverse()) await close();
  await closeNetworks();
  await closeProxies();
});

const kept = <T extends { stop(): Promise<unknown> }>(part: T): T => {
  closing.push(part.stop);
  return part;
};

interface Secured extends Pick<FrontOptions, 'atOnce'>, Partial<Pick<ImageRecipe, 'layers' | 'layerSizes'>> {
  readonly clientsOnly?: boolean;
  readonly path?: string;
}

/** docker-registry with a password and an image `acme/app:1`, behind a server that sees every header, behind nginx with TLS for `registry.test`. */
async function secured({ clientsOnly = false, path = 'acme/app', ...more }: Secured = {}) {
  const authority = await newAuthority();
  closing.push(authority.dispose);
  const registry = kept(await startDockerRegistry({ htpasswd: HTPASSWD.line }));
  const bag = imageBag();
  const { layers = ['one', 'two'], layerSizes, atOnce } = more;
  const image = await bag.image({ layers, layerSizes, layerSize: 300_000 });
  for (const { bytes, descriptor } of bag.blobs.values())
    if (descriptor.digest !== image.digest) await pushBlob(registry.host, path, bytes, { authorization: LOGIN });
  const manifest = { mediaType: image.mediaType, bytes: bag.blobs.get(image.digest)?.bytes ?? Buffer.alloc(0) };
  await pushManifest(registry.host, path, '1', manifest, { authorization: LOGIN });
  const recorder = kept(await startRecorder(registry.host, atOnce === undefined ? 0 : 100));
  const certificate = await authority.issue(['registry.test', 'mirror.test']);
  const clients = clientsOnly ? authority.file : undefined;
  const nginx = kept(await startNginx(`127.0.0.1:${recorder.port}`, certificate, { clients, atOnce }));
  const host = `registry.test:${nginx.port}`;
  const logins = [{ registry: host, username, password }];
  return { authority, recorder, image, host, port: nginx.port, logins };
}

/** Pulls one image as the action does, without an engine, and tells whether all of it came. */
async function pullImage(image: string, options: Partial<RegistryOptions>) {
  const client = openClient({ lookup: namesOf(), certificateFolders: [], ...options });
  const report = (event: PullEvent) => void client.events.push(event);
  const ports: Ports = {
    registry: client,
    store: memoryStore(),
    cache: memoryCache({ readable: false, writable: false }),
    platform: { os: 'linux', architecture: 'amd64' },
    chooseTags: (tags) => tags,
    report,
    signal: client.controller.signal,
    now: Date.now,
  };
  const { request } = parseSettings({ images: image, engine: 'none', 'on-registry-error': 'fail' });
  const { images } = await pull(request, ports);
  const [outcome] = images;
  return { digest: outcome?.digest, error: outcome?.error, layers: outcome?.platforms[0]?.layers.length, client };
}

describe('a registry with TLS of its own authority, and a password', () => {
  const pulls = realTest('docker-registry', 'nginx', 'openssl');

  pulls('is pulled from with the authority in certs.d', async () => {
    const { authority, recorder, image, host, logins } = await secured();
    const folder = await folderWith({ [`${host}/ca.crt`]: authority.cert });
    const pulled = await pullImage(`${host}/acme/app:1`, { logins, certificateFolders: [folder] });
    expect(pulled).toMatchObject({ digest: image.digest, error: undefined, layers: 2 });
    expect(new Set(recorder.seen.map(({ authorization }) => authorization))).toEqual(new Set([undefined, LOGIN]));
  });

  pulls('is pulled from with the authority in SSL_CERT_FILE, and not without', async () => {
    const { authority, recorder, image, host, logins } = await secured();
    const strange = await pullImage(`${host}/acme/app:1`, { logins });
    expect(strange.error).toMatchObject({ code: 'UNREACHABLE', hint: expect.stringContaining('SSL_CERT_FILE') });
    expect(recorder.seen).toEqual([]);
    const environment = { SSL_CERT_FILE: authority.file };
    const pulled = await pullImage(`${host}/acme/app:1`, { logins, environment });
    expect(pulled).toMatchObject({ digest: image.digest, error: undefined, layers: 2 });
  });

  pulls('is pulled from with any certificate where it is listed as insecure', async () => {
    const { image, host, logins } = await secured();
    const pulled = await pullImage(`${host}/acme/app:1`, { logins, insecureRegistries: [host] });
    expect(pulled).toMatchObject({ digest: image.digest, error: undefined, layers: 2 });
  });

  pulls('that lets in certain clients only is pulled from with their certificate', async () => {
    const { authority, image, host, logins } = await secured({ clientsOnly: true });
    const { cert, key } = await authority.issue(['runner']);
    const bare = await folderWith({ [`${host}/ca.crt`]: authority.cert });
    const stranger = await pullImage(`${host}/acme/app:1`, { logins, certificateFolders: [bare] });
    expect(stranger.error).toMatchObject({ name: 'PullError' });
    const files = { 'ca.crt': authority.cert, 'client.cert': cert, 'client.key': key };
    const named = Object.entries(files).map(([name, text]) => [`${host}/${name}`, text]);
    const folder = await folderWith(Object.fromEntries(named));
    const pulled = await pullImage(`${host}/acme/app:1`, { logins, certificateFolders: [folder] });
    expect(pulled).toMatchObject({ digest: image.digest, error: undefined, layers: 2 });
  });

  pulls('is pulled from through a proxy with a password, and neither sees what is for the other', async () => {
    const { authority, recorder, image, host, logins } = await secured();
    const proxy = await connectProxy({ login: 'runner:proxy-secret' });
    const environment = { HTTPS_PROXY: `http://runner:proxy-secret@${proxy.host}`, SSL_CERT_FILE: authority.file };
    // Behind a proxy names are the proxy's to look up.
    const lookup = namesOf({ 'registry.test': [] });
    const pulled = await pullImage(`${host}/acme/app:1`, { logins, environment, lookup });
    expect(pulled).toMatchObject({ digest: image.digest, error: undefined, layers: 2 });
    const ours = `Basic ${Buffer.from('runner:proxy-secret').toString('base64')}`;
    for (const { line, headers } of proxy.requests) {
      expect(line).toBe(`CONNECT ${host}`);
      expect(headers['proxy-authorization']).toBe(ours);
      expect(JSON.stringify(headers)).not.toContain(LOGIN);
    }
    expect(JSON.stringify(recorder.seen)).not.toContain(ours);
  });

  pulls('behind a front that takes two requests at once is pulled from with fewer connections', async () => {
    const layers = ['large', 'a', 'b', 'c', 'd', 'e'];
    const { image, host, logins } = await secured({ layers, layerSizes: { large: 2_000_000 }, atOnce: 2 });
    const patient = { sleep: async () => setTimeout(20), chunkSize: 250_000 };
    const pulled = await pullImage(`${host}/acme/app:1`, { logins, insecureRegistries: [host], ...patient });
    expect(pulled).toMatchObject({ digest: image.digest, error: undefined, layers: 6 });
    const told = pulled.client.events.filter(({ type }) => type === 'retry');
    expect(told.length).toBeGreaterThan(0);
    expect(told[0]).toMatchObject({ reason: expect.stringContaining('503') });
  });

  pulls('stands in where its mirror is down, which is tried once', async () => {
    const { authority, recorder, image, host, logins } = await secured();
    const gone = await connectProxy();
    await gone.close();
    const mirrors = [{ registry: host, domain: gone.host, prefix: '' }];
    const environment = { SSL_CERT_FILE: authority.file };
    const pulled = await pullImage(`${host}/acme/app:1`, { logins, mirrors, environment });
    expect(pulled).toMatchObject({ digest: image.digest, error: undefined, layers: 2 });
    expect(recorder.seen.length).toBeGreaterThan(0);
    const told = pulled.client.events.filter(({ type }) => type === 'mirror' || type === 'retry');
    expect(told).toMatchObject([{ type: 'mirror', mirror: gone.host, problem: expect.stringContaining('refused') }]);
  });

  pulls('as a mirror gets its own login and never that of the registry it stands for', async () => {
    const { authority, recorder, image, port } = await secured({ path: 'hub-proxy/acme/app' });
    const mirror = `mirror.test:${port}`;
    const logins = [
      { registry: 'registry.example', username: 'owner', password: 'of-the-registry' },
      { registry: mirror, username, password },
    ];
    const mirrors = [{ registry: 'registry.example', domain: mirror, prefix: 'hub-proxy/' }];
    const pulled = await pullImage('registry.example/acme/app:1', {
      logins,
      mirrors,
      environment: { SSL_CERT_FILE: authority.file },
    });
    expect(pulled).toMatchObject({ digest: image.digest, error: undefined, layers: 2 });
    expect(new Set(recorder.seen.map(({ authorization }) => authorization))).toEqual(new Set([undefined, LOGIN]));
    expect(pulled.client.events).toContainEqual({ type: 'mirror', subject: 'registry.example/acme/app', mirror });
  });
});
