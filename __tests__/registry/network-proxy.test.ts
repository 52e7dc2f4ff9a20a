import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { closeProxies, connectProxy } from '../support/connect-proxy.ts';
import { DOCKER_CERTIFICATES } from '../support/docker-certificates.ts';
import { namesOf } from '../support/names.ts';
import { closeNetworks, folderWith, openNetwork, requestTo, secureServer } from '../support/network.ts';
import { closeServers, scriptedServer } from '../support/scripted-server.ts';
import { SELF_SIGNED } from '../support/self-signed.ts';
import { socksProxy } from '../support/socks-proxy.ts';

afterEach(async () => {
  await closeNetworks();
  await closeServers();
  await closeProxies();
});

describe('through a proxy', () => {
  test('goes TLS in a tunnel, and the proxy sees its own login alone', async () => {
    const { server, url } = await secureServer();
    const proxy = await connectProxy({ login: 'robot:p@ss' });
    const network = openNetwork({
      environment: {
        HTTPS_PROXY: `http://robot:p%40ss@${proxy.host}`,
        SSL_CERT_FILE: path.join(await folderWith({ ca: SELF_SIGNED.cert }), 'ca'),
      },
    });
    for (let count = 0; count < 2; count += 1) expect((await network.send(requestTo(url))).status).toBe(200);
    expect(new Set(proxy.requests.map(({ line }) => line))).toEqual(new Set([`CONNECT ${new URL(url).host}`]));
    expect(JSON.stringify(proxy.requests)).not.toContain('secret');
    expect(server.requests).toHaveLength(2);
    expect(server.requests.map(({ headers }) => headers['proxy-authorization'])).toEqual([undefined, undefined]);
  });

  test('that speaks TLS itself goes the same, and the client certificate is not shown to it', async () => {
    const { url, host } = await secureServer();
    const proxy = await connectProxy({ tls: true });
    const folder = await folderWith({
      'bundle.pem': SELF_SIGNED.cert + DOCKER_CERTIFICATES['ca.pem'],
      [`${host}/client.cert`]: SELF_SIGNED.cert,
      [`${host}/client.key`]: SELF_SIGNED.key,
    });
    const environment = { HTTPS_PROXY: `https://${proxy.host}`, SSL_CERT_FILE: path.join(folder, 'bundle.pem') };
    const network = openNetwork({ environment, certificateFolders: [folder] });
    expect((await network.send(requestTo(url))).status).toBe(200);
    expect(proxy.requests.at(-1)).toMatchObject({ line: `CONNECT ${host}`, client: undefined });
  });

  test('goes plain HTTP as a whole URL', async () => {
    const server = await scriptedServer((_, response) => response.end('x'));
    const proxy = await connectProxy({ login: 'robot:pass' });
    const url = `http://registry.test:${new URL(server.origin).port}/v2/?a=b`;
    const network = openNetwork({ environment: { http_proxy: `robot:pass@${proxy.host}` } });
    expect((await network.send(requestTo(url))).status).toBe(200);
    expect(proxy.requests.map(({ line }) => line)).toEqual([`GET ${url}`]);
    expect(server.requests[0]?.headers).toMatchObject({ host: new URL(url).host, authorization: 'Basic secret' });
  });

  test('of SOCKS goes both, with its login, and the proxy looks names up', async () => {
    const { server, host, url } = await secureServer();
    const proxy = await socksProxy('robot', 'pass');
    const network = openNetwork({
      environment: { HTTPS_PROXY: `socks5h://robot:pass@${proxy.host}`, ALL_PROXY: 'http://unused' },
      insecureRegistries: ['registry.test'],
      lookup: namesOf({ 'registry.test': [] }),
    });
    try {
      expect((await network.send(requestTo(url))).status).toBe(200);
      expect(server.requests).toHaveLength(1);
      expect(proxy.asked).toEqual([new URL(`https://${host}`).hostname]);
    } finally {
      await network.close();
      await proxy.close();
    }
  });

  test('goes nothing that NO_PROXY names', async () => {
    const { url } = await secureServer();
    const proxy = await connectProxy();
    const environment = { HTTPS_PROXY: `http://${proxy.host}`, NO_PROXY: '.test' };
    await openNetwork({ environment, insecureRegistries: ['registry.test'] }).send(requestTo(url));
    expect(proxy.requests).toEqual([]);
  });

  test.each([
    ['https', 407, 'Proxy Authentication Required', false],
    ['http', 407, 'Proxy Authentication Required', false],
    ['https', 403, 'Forbidden', false],
    ['https', 503, 'Service Unavailable', true],
  ])('%s fails with the status of the proxy: %d', async (scheme, refuse, words, temporary) => {
    const proxy = await connectProxy({ refuse });
    const environment = { HTTPS_PROXY: `http://u:hunter2@${proxy.host}`, HTTP_PROXY: `http://u:hunter2@${proxy.host}` };
    const error = await openNetwork({ environment })
      .send(requestTo(`${scheme}://registry.test:5000/`))
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'UNREACHABLE',
      reason: `cannot reach registry.test:5000 through the proxy ${proxy.host}: the proxy answered ${refuse} ${words}`,
      temporary,
    });
    expect(String(error)).not.toContain('hunter2');
  });

  test('says so where the proxy is down', async () => {
    const proxy = await connectProxy();
    await proxy.close();
    const environment = { HTTPS_PROXY: `http://${proxy.host}` };
    await expect(openNetwork({ environment }).send(requestTo('https://registry.test/'))).rejects.toMatchObject({
      code: 'UNREACHABLE',
      reason: `cannot reach registry.test through the proxy ${proxy.host}: connection refused`,
    });
  });

  test.each([
    ['http', 'that never answers', false],
    ['https', 'that never speaks TLS', false],
    ['http', 'whose tunnel leads to who never speaks TLS', true],
  ])('%s %s is given up as soon as is said for the registry', async (scheme, _, isThere) => {
    const mute = createServer((socket) => socket.on('error', () => {}).resume());
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const { port } = mute.address() as AddressInfo;
    const proxy = isThere ? (await connectProxy()).host : `127.0.0.1:${port}`;
    const url = `https://registry.test:${port}/`;
    const minutes = { connectMs: 600_000, headersMs: 600_000, bodyMs: 600_000 };
    const network = openNetwork({ environment: { HTTPS_PROXY: `${scheme}://${proxy}` }, timeouts: minutes });
    const settings = { authorities: [], client: undefined, skipsVerify: false, headers: {} };
    network.origins.learn(new URL(url).origin, { ...settings, connectMs: 200 });
    try {
      await expect(network.send(requestTo(url))).rejects.toMatchObject({
        code: 'UNREACHABLE',
        reason: `cannot reach registry.test:${port} through the proxy ${proxy}: timed out after 0.2s`,
      });
    } finally {
      await network.close();
      mute.close();
    }
  });

  test('finds out whether an insecure registry speaks TLS', async () => {
    const { url } = await secureServer();
    const plain = await scriptedServer((_, response) => response.end());
    const proxy = await connectProxy();
    const environment = { HTTPS_PROXY: `http://${proxy.host}`, HTTP_PROXY: `http://${proxy.host}` };
    const { locate } = openNetwork({ environment, insecureRegistries: ['registry.test', 'plain.test'] });
    expect((await locate(new URL(url).host, 'x')).protocol).toBe('https:');
    expect((await locate(`plain.test:${new URL(plain.origin).port}`, 'x')).protocol).toBe('http:');
  });
});
