import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect } from '@jest/globals';
import { digestOf } from '../../src/oci/digest.ts';
import { OCI_CONFIG, OCI_LAYER_GZIP, OCI_MANIFEST } from '../../src/oci/media-types.ts';
import { readAuthFiles } from '../../src/registry/auth-files.ts';
import { createAskHelper } from '../../src/registry/credential-helper.ts';
import { closeClients, collect, openClient, repositoryAt } from '../support/client.ts';
import { type HelperPrograms, helperPrograms, keeps } from '../support/credential-helpers.ts';
import { cuttingProxy } from '../support/cutting-proxy.ts';
import {
  type DockerRegistry,
  HTPASSWD,
  pushBlob,
  pushManifest,
  type RegistryOptions,
  startDockerRegistry,
} from '../support/docker-registry.ts';
import { realTest } from '../support/real-parts.ts';
import { closeServers } from '../support/scripted-server.ts';
import { type TokenServer, tokenServer } from '../support/token-server.ts';

const { username, password } = HTPASSWD;
const BASIC = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
const LAYER = Buffer.alloc(6_000_000, 'layer');
const CONFIG = Buffer.from('{}');
const MANIFEST = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: { mediaType: OCI_CONFIG, digest: digestOf(CONFIG), size: CONFIG.length },
    layers: [{ mediaType: OCI_LAYER_GZIP, digest: digestOf(LAYER), size: LAYER.length }],
  }),
);
const layer = { mediaType: OCI_LAYER_GZIP, digest: digestOf(LAYER), size: LAYER.length };

const cleanUp: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await closeClients();
  for (const task of cleanUp.splice(0).reverse()) await task();
  await closeServers();
});

async function registryWith(access: RegistryOptions): Promise<DockerRegistry> {
  const registry = await startDockerRegistry(access);
  cleanUp.push(() => registry.stop());
  return registry;
}

async function push(host: string, repository: string, authorization: string): Promise<void> {
  for (const bytes of [LAYER, CONFIG]) await pushBlob(host, repository, bytes, { authorization });
  await pushManifest(host, repository, '1', { mediaType: OCI_MANIFEST, bytes: MANIFEST }, { authorization });
}

/** A client that reads the files and asks the programs of this environment. */
async function clientIn(environment: Record<string, string>, warnings: string[] = [], secrets: object[] = []) {
  const { signal } = new AbortController();
  const authFiles = await readAuthFiles(environment, (message) => warnings.push(message));
  const askHelper = createAskHelper({ environment, signal });
  return openClient({ authFiles, askHelper, onSecret: (secret) => secrets.push(secret) });
}

async function home(scripts: Record<string, string>, files: Record<string, object>): Promise<HelperPrograms> {
  const programs = await helperPrograms(scripts);
  cleanUp.push(programs.remove);
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(programs.folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, JSON.stringify(content));
  }
  return programs;
}

describe('docker-registry with a password', () => {
  const cases = {
    'a credential helper': (host: string) =>
      home(
        { keeper: keeps({ [host]: [username, password] }) },
        { '.docker/config.json': { credHelpers: { [host]: 'keeper' } } },
      ),
    'a credential store': (host: string) =>
      home(
        { keeper: keeps({ [host]: [username, password] }) },
        { '.docker/config.json': { credsStore: 'keeper', auths: { [host]: {} } } },
      ),
    'an entry of Docker’s file': (host: string) =>
      home({}, { '.docker/config.json': { auths: { [`https://${host}/v1/`]: { auth: BASIC.slice(6) } } } }),
    'an entry of Podman’s file for the repository alone': (host: string) =>
      home({}, { '.config/containers/auth.json': { auths: { [`${host}/acme/app`]: { auth: BASIC.slice(6) } } } }),
  };

  for (const [name, prepare] of Object.entries(cases)) {
    realTest('docker-registry')(`lets in who has ${name}, and hears of the secret first`, async () => {
      const registry = await registryWith({ htpasswd: HTPASSWD.line });
      await push(registry.host, 'acme/app', BASIC);
      const { environment } = await prepare(registry.host);
      const warnings: string[] = [];
      const secrets: object[] = [];
      const client = await clientIn({ ...environment, XDG_RUNTIME_DIR: '/nowhere' }, warnings, secrets);
      const repository = repositoryAt(registry.host);
      expect((await client.resolve(repository, '1')).digest).toBe(digestOf(MANIFEST));
      expect((await collect(client.blob(repository, layer))).bytes.equals(LAYER)).toBe(true);
      expect(await client.usesLogin(repository)).toBe(true);
      expect(secrets).toEqual([{ username, password }]);
      expect([...warnings, ...client.events]).toEqual([]);
    });
  }

  realTest('docker-registry')('turns away who has a broken helper, and the warning says so', async () => {
    const registry = await registryWith({ htpasswd: HTPASSWD.line });
    const files = { '.docker/config.json': { credsStore: 'absent' } };
    const { environment } = await home({}, files);
    const client = await clientIn({ ...environment, XDG_RUNTIME_DIR: '/nowhere' });
    await expect(client.resolve(repositoryAt(registry.host), '1')).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    expect(client.events).toEqual([
      { type: 'warning', message: 'credentials are not read: docker-credential-absent: is not on the PATH' },
    ]);
  });
});

describe('docker-registry behind a token server', () => {
  const users = { [username]: password };
  const token = async (host: string, tokens: TokenServer, repository: string) => {
    const url = `${tokens.auth.realm}?service=${tokens.auth.service}&scope=repository:${repository}:pull,push`;
    const answer = await fetch(url, { headers: { authorization: BASIC } });
    await push(host, repository, `Bearer ${((await answer.json()) as { token: string }).token}`);
  };
  const login = (host: string) => [{ registry: host, username, password }];

  realTest('docker-registry')('one token a repository opens all of it', async () => {
    const tokens = await tokenServer({ users });
    const registry = await registryWith({ token: tokens.auth });
    await token(registry.host, tokens, 'acme/app');
    const client = openClient({ logins: login(registry.host) });
    const repository = repositoryAt(registry.host);
    expect((await client.resolve(repository, '1')).digest).toBe(digestOf(MANIFEST));
    expect((await collect(client.blob(repository, layer))).bytes.equals(LAYER)).toBe(true);
    expect(await client.tags(repository)).toEqual(['1']);
    expect(tokens.asked().slice(1)).toEqual([`GET ${username} repository:acme/app:pull`]);
  });

  realTest('docker-registry')('nobody and a stale login get what is open, and nothing else', async () => {
    const tokens = await tokenServer({ users, open: ['acme/open'] });
    const registry = await registryWith({ token: tokens.auth });
    for (const repository of ['acme/open', 'acme/app']) await token(registry.host, tokens, repository);
    const stale = [{ registry: registry.host, username, password: 'stale' }];
    for (const client of [openClient(), openClient({ logins: stale })]) {
      const open = await client.resolve(repositoryAt(registry.host, 'acme/open'), '1');
      expect(open.digest).toBe(digestOf(MANIFEST));
      await expect(client.resolve(repositoryAt(registry.host), '1')).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    }
  });

  realTest('docker-registry')('an identity token is exchanged by POST', async () => {
    const tokens = await tokenServer({ users, identities: { [username]: 'identity' } });
    const registry = await registryWith({ token: tokens.auth });
    await token(registry.host, tokens, 'acme/app');
    const files = { '.docker/config.json': { credsStore: 'keeper' } };
    const { environment } = await home({ keeper: keeps({ [registry.host]: ['<token>', 'identity'] }) }, files);
    const client = await clientIn(environment);
    expect((await client.resolve(repositoryAt(registry.host), '1')).digest).toBe(digestOf(MANIFEST));
    expect(tokens.asked().slice(1)).toEqual(['POST <identity> repository:acme/app:pull']);
  });

  realTest('docker-registry')(
    'a token that runs out in the middle of a blob costs one more, and the blob goes on where it stopped',
    async () => {
      let seconds = 300;
      const tokens = await tokenServer({ users, seconds: () => seconds });
      const registry = await registryWith({ token: tokens.auth });
      await token(registry.host, tokens, 'acme/app');
      const proxy = await cuttingProxy(registry.host, 2_000_000, 3000);
      cleanUp.push(proxy.close);
      seconds = 2;
      const client = openClient({ logins: login(proxy.host) });
      const repository = repositoryAt(proxy.host);
      await client.resolve(repository, '1');
      const pulled = collect(client.blob(repository, layer));
      await wait(1000);
      seconds = 300;
      expect((await pulled).bytes.equals(LAYER)).toBe(true);
      expect(proxy.cuts()).toBe(1);
      expect(tokens.asked().slice(1)).toEqual(Array(2).fill(`GET ${username} repository:acme/app:pull`));
      const blobs = (await registry.log()).filter((line) => line.includes('/blobs/sha256') && line.includes('"GET'));
      expect(blobs.map((line) => / (\d{3}) /.exec(line)?.[1])).toEqual(expect.arrayContaining(['401', '206']));
    },
    30_000,
  );
});
