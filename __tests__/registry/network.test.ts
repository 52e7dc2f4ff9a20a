import { generateKeyPairSync } from 'node:crypto';
import type dns from 'node:dns';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, test } from '@jest/globals';
import { closeProxies, connectProxy } from '../support/connect-proxy.ts';
import { namesOf } from '../support/names.ts';
import { closeNetworks, folderWith, openNetwork, requestTo, secureServer } from '../support/network.ts';
import { closeServers, scriptedServer } from '../support/scripted-server.ts';
import { SELF_SIGNED } from '../support/self-signed.ts';

const closing: (() => unknown)[] = [];

afterEach(async () => {
  await closeNetworks();
  for (const close of closing.splice(0)) await close();
  await closeProxies();
  await closeServers();
});

describe('a certificate that Node does not know', () => {
  test('is an error that says what to do', async () => {
    const { url } = await secureServer();
    const { host } = new URL(url);
    await expect(openNetwork().send(requestTo(url))).rejects.toMatchObject({
      code: 'UNREACHABLE',
      reason: `cannot reach ${host}: its certificate is not valid here (DEPTH_ZERO_SELF_SIGNED_CERT)`,
      hint: expect.stringMatching(/SSL_CERT_FILE.*insecure-registries/),
      temporary: false,
    });
  });

  test.each(['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS'])('is taken with its authority in %s', async (name) => {
    const { url } = await secureServer();
    const environment = {
      [name]: path.join(await folderWith({ 'bundle.pem': `# ours\n${SELF_SIGNED.cert}\n` }), 'bundle.pem'),
    };
    expect((await openNetwork({ environment }).send(requestTo(url))).status).toBe(200);
  });

  test('is taken with its authority in a folder of SSL_CERT_DIR', async () => {
    const { url } = await secureServer();
    const folder = await folderWith({ 'ours.pem': SELF_SIGNED.cert });
    const environment = { SSL_CERT_DIR: `/nowhere${path.delimiter}${folder}` };
    expect((await openNetwork({ environment }).send(requestTo(url))).status).toBe(200);
  });

  test('is taken with its authority in certs.d, by host and port', async () => {
    const { url, host } = await secureServer();
    const certificateFolders = [await folderWith({ [`${host}/ca.crt`]: SELF_SIGNED.cert })];
    expect((await openNetwork({ certificateFolders }).send(requestTo(url))).status).toBe(200);
    const other = await secureServer();
    await expect(openNetwork({ certificateFolders }).send(requestTo(other.url))).rejects.toMatchObject({
      code: 'UNREACHABLE',
    });
  });

  test.each(['registry.test', 'registry.test:PORT', '127.0.0.0/8'])('is taken where %s is insecure', async (entry) => {
    const { url } = await secureServer();
    const insecureRegistries = [entry.replace('PORT', new URL(url).port)];
    expect((await openNetwork({ insecureRegistries }).send(requestTo(url))).status).toBe(200);
  });

  test('is not taken where the list holds others', async () => {
    const { url } = await secureServer();
    const insecureRegistries = ['registry.test:1', 'other.test', '10.0.0.0/8'];
    await expect(openNetwork({ insecureRegistries }).send(requestTo(url))).rejects.toMatchObject({
      code: 'UNREACHABLE',
    });
  });

  test('is not taken under another name, whoever vouches for it', async () => {
    const { url } = await secureServer();
    const environment = {
      SSL_CERT_FILE: path.join(await folderWith({ 'bundle.pem': SELF_SIGNED.cert }), 'bundle.pem'),
    };
    const other = url.replace('registry.test', 'evil.test');
    await expect(openNetwork({ environment }).send(requestTo(other))).rejects.toMatchObject({
      reason: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID'),
    });
  });
});

/** Of which nothing is asked. */
const HOST = 'registry.test:1';

describe('a client certificate', () => {
  async function strictServer() {
    const server = createServer(
      { ...SELF_SIGNED, ca: SELF_SIGNED.cert, requestCert: true, rejectUnauthorized: true },
      (message, response) => response.end((message.socket as TLSSocket).getPeerCertificate().subject.CN),
    );
    server.on('tlsClientError', () => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    });
    return `registry.test:${(server.address() as AddressInfo).port}`;
  }

  test.each([
    ['beside its key', { 'client.cert': SELF_SIGNED.cert, 'client.key': SELF_SIGNED.key }],
    ['that holds its key', { 'client.cert': `${SELF_SIGNED.cert}\n${SELF_SIGNED.key}` }],
  ])('%s is shown to the host it is meant for', async (_, files) => {
    const host = await strictServer();
    const other = await strictServer();
    const named = Object.entries(files).map(([name, text]) => [`${host}/${name}`, text]);
    const authorities = { [`${host}/ca.crt`]: SELF_SIGNED.cert, [`${other}/ca.crt`]: SELF_SIGNED.cert };
    const certificateFolders = [await folderWith({ ...Object.fromEntries(named), ...authorities })];
    expect((await openNetwork({ certificateFolders }).send(requestTo(`https://${host}/`))).status).toBe(200);
    await expect(openNetwork({ certificateFolders }).send(requestTo(`https://${other}/`))).rejects.toMatchObject({
      name: 'PullError',
    });
  });

  test('without a key is an error that names the file', async () => {
    const { url, host } = await secureServer();
    const folder = await folderWith({ [`${host}/client.cert`]: SELF_SIGNED.cert });
    const name = path.join(folder, host, 'client.cert');
    await expect(openNetwork({ certificateFolders: [folder] }).send(requestTo(url))).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: `${name}: expected its key in client.key beside it, found none`,
    });
  });

  const NO_KEY = 'expected a private key in PEM without a passphrase, found none (';
  const ENCRYPTED = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    ...{ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'hunter2' },
  });
  const ANOTHER = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  });
  test.each([
    ['client.cert', '', SELF_SIGNED.key, 'expected a certificate in PEM that TLS can use, found none ('],
    ['client.cert', 'hunter2', SELF_SIGNED.key, 'expected a certificate in PEM that TLS can use, found none ('],
    ['client.key', SELF_SIGNED.cert, 'hunter2', NO_KEY],
    ['client.key', SELF_SIGNED.cert, `${ENCRYPTED}`, NO_KEY],
    ['client.key', SELF_SIGNED.cert, `${ANOTHER}`, 'expected the private key of client.cert, found another'],
  ])('of which TLS cannot use %s is an error that names that file', async (file, cert, key, words) => {
    const folder = await folderWith({ [`${HOST}/client.cert`]: cert, [`${HOST}/client.key`]: key });
    const error = await openNetwork({ certificateFolders: [folder] })
      .send(requestTo(`https://${HOST}/v2/`))
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'INPUT_INVALID', subject: path.join(folder, HOST, file), temporary: false });
    expect(String(error)).toContain(words);
    expect(String(error)).not.toContain('hunter2');
  });
});

describe('what somebody else sent us to', () => {
  const sender = { url: new URL('https://registry.example/'), via: 'redirect' } as const;

  test('is not connected to where its name leads inside', async () => {
    const server = await scriptedServer((_, response) => response.end('x'));
    const url = `http://inside.test:${new URL(server.origin).port}/`;
    const from = { ...sender, url: new URL('http://registry.example/') };
    await expect(openNetwork().send(requestTo(url, { sender: from }))).rejects.toMatchObject({
      code: 'REDIRECT_REFUSED',
      reason: expect.stringContaining('inside.test: 127.0.0.1 is an address of this machine'),
      hint: expect.stringContaining('insecure-registries'),
    });
    expect(server.requests).toEqual([]);
    expect(
      (await openNetwork({ insecureRegistries: ['127.0.0.0/8'] }).send(requestTo(url, { sender: from }))).status,
    ).toBe(200);
    expect((await openNetwork().send(requestTo(url))).status).toBe(200);
  });

  test('is looked up anew, whatever was connected before', async () => {
    const server = await scriptedServer((_, response) => response.end('x'));
    const url = `http://mixed.example:${new URL(server.origin).port}/`;
    const answers = [namesOf({ 'mixed.example': ['127.0.0.1', '192.0.2.1'] }), namesOf()];
    const lookup = ((...question: Parameters<typeof dns.lookup>) =>
      answers.shift()?.(...question)) as typeof dns.lookup;
    const network = openNetwork({ lookup, connections: 1 });
    await network.send(requestTo(url));
    const from = { ...sender, url: new URL('http://registry.example/') };
    await expect(network.send(requestTo(url, { sender: from }))).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(server.requests).toHaveLength(1);
  });

  test('may be on this machine if the sender is', async () => {
    const server = await scriptedServer((_, response) => response.end('x'));
    const port = new URL(server.origin).port;
    const network = openNetwork();
    await network.send(requestTo(`http://registry.test:${port}/`));
    const from = { ...sender, url: new URL(`http://registry.test:${port}/`) };
    expect((await network.send(requestTo(`http://storage.test:${port}/`, { sender: from }))).status).toBe(200);
  });
});

describe('a range of insecure registries', () => {
  /** As a name server answers that says one thing to who judges and another to who connects. */
  const turning = (...answers: readonly string[][]): typeof dns.lookup => {
    let asked = 0;
    return ((name: string, options: never, callback: never) =>
      namesOf({ 'registry.example': answers[Math.min(asked++, answers.length - 1)] ?? [] })(
        name,
        options,
        callback,
      )) as typeof dns.lookup;
  };
  const ask = async (scheme: 'http' | 'https', lookup: typeof dns.lookup, insecureRegistries = ['10.0.0.0/8']) => {
    const server = await scriptedServer((_, response) => response.end('x'), { tls: scheme === 'https' });
    const { port } = new URL(server.origin);
    const network = openNetwork({ insecureRegistries, lookup });
    const answer = network.send(requestTo(`${scheme}://registry.example:${port}/v2/`));
    return { answer, server };
  };

  test.each(['http', 'https'] as const)('holds for the address that is connected to, too (%s)', async (scheme) => {
    const { answer, server } = await ask(scheme, turning(['10.0.0.1'], ['127.0.0.1']));
    await expect(answer).rejects.toMatchObject({
      code: 'UNREACHABLE',
      reason: expect.stringContaining(
        'registry.example was in a range of insecure-registries, and is 127.0.0.1 now, which is in none',
      ),
    });
    expect(server.requests).toEqual([]);
  });

  test('lets in what stays in it', async () => {
    const { answer } = await ask('https', turning(['127.0.0.1'], ['10.0.0.1', '127.0.0.1']), ['127.0.0.0/8']);
    expect((await answer).status).toBe(200);
  });

  test('says nothing of names that a proxy looks up', async () => {
    const proxy = await connectProxy();
    const server = await scriptedServer((_, response) => response.end('x'), { tls: true });
    const { port } = new URL(server.origin);
    const environment = { HTTPS_PROXY: `http://${proxy.host}` };
    const network = openNetwork({
      insecureRegistries: ['10.0.0.0/8'],
      lookup: turning(['10.0.0.1']),
      environment,
    });
    await expect(network.send(requestTo(`https://registry.example:${port}/v2/`))).rejects.toMatchObject({
      reason: expect.stringContaining('its certificate is not valid here'),
    });
    expect(server.requests).toEqual([]);
  });
});
