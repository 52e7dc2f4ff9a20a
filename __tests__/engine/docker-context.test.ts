import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connectionOf } from '../../src/engine/docker-connection.ts';
import { dockerHost } from '../../src/engine/docker-host.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'docker-context-'));
});
afterEach(() => rm(home, { recursive: true }));

const config = (content: object) => put('config.json', JSON.stringify(content));
const put = async (file: string, content: string) => {
  const whole = path.join(home, '.docker', file);
  await mkdir(path.dirname(whole), { recursive: true });
  await writeFile(whole, content);
};
const idOf = (name: string) => createHash('sha256').update(name).digest('hex');
const context = (name: string, endpoint: object) =>
  put(`contexts/meta/${idOf(name)}/meta.json`, JSON.stringify({ Name: name, Endpoints: { docker: endpoint } }));
const found = (environment: Record<string, string> = {}) => dockerHost({ HOME: home, ...environment }, () => true);
const system = { kind: 'socket', socketPath: '/var/run/docker.sock', from: '/var/run/docker.sock' };

describe('the context in use', () => {
  test('is where the daemon is', async () => {
    await context('rootless', { Host: 'unix:///run/user/1000/docker.sock' });
    await config({ currentContext: 'rootless' });
    const expected = { kind: 'socket', socketPath: '/run/user/1000/docker.sock' };
    const from = 'context rootless, unix:///run/user/1000/docker.sock';
    expect(found()).toEqual({ ...expected, from });
    expect(found({ HOME: '/nowhere', DOCKER_CONFIG: path.join(home, '.docker') })).toEqual({ ...expected, from });
  });

  test('is the one of DOCKER_CONTEXT before the one of the file, and DOCKER_HOST goes before both', async () => {
    await context('one', { Host: 'tcp://one:1' });
    await context('two', { Host: 'tcp://two:2' });
    await config({ currentContext: 'one' });
    expect(found()).toMatchObject({ host: 'one', port: 1 });
    expect(found({ DOCKER_CONTEXT: 'two' })).toMatchObject({ host: 'two', port: 2 });
    expect(found({ DOCKER_CONTEXT: 'two', DOCKER_HOST: 'tcp://three:3' })).toMatchObject({ host: 'three', port: 3 });
    expect(found({ DOCKER_CONTEXT: 'default' })).toEqual(system);
  });

  test.each([[{ currentContext: 'default' }], [{ currentContext: '' }], [{}], [{ auths: {} }]])(
    'with the file %j is the system socket',
    async (content) => {
      await config(content);
      expect(found()).toEqual(system);
    },
  );

  test('is the system socket where the file is no JSON, or none is there', async () => {
    expect(found()).toEqual(system);
    await put('config.json', '{');
    expect(found()).toEqual(system);
  });

  test('that is not there is an error that names it', async () => {
    await config({ currentContext: 'gone' });
    expect(() => found()).toThrow(
      expect.objectContaining({
        code: 'ENGINE_UNAVAILABLE',
        message: `Docker: currentContext in config.json names the context "gone", but ${home}/.docker/contexts has no such context for Docker`,
        hint: 'See docker context ls, set DOCKER_HOST, or set engine: none.',
      }),
    );
    expect(() => found({ DOCKER_CONTEXT: '##[error]' })).toThrow('DOCKER_CONTEXT names the context "# #[error]"');
  });

  test('that speaks SSH is refused in words', async () => {
    await context('far', { Host: 'ssh://me@host' });
    expect(() => found({ DOCKER_CONTEXT: 'far' })).toThrow(
      'expected the context far to be unix:///path or tcp://host:port, found ssh://…@host; ssh:// is not supported',
    );
  });

  test('has its own certificates, as many as it has', async () => {
    await context('tls', { Host: 'tcp://far:2376', SkipTLSVerify: false });
    await put(`contexts/tls/${idOf('tls')}/docker/ca.pem`, 'authority');
    const host = found({ DOCKER_CONTEXT: 'tls', DOCKER_CERT_PATH: '/elsewhere' });
    if (!host) throw new Error('no host');
    expect(connectionOf(host)).toMatchObject({
      secure: true,
      options: { host: 'far', port: 2376, ca: Buffer.from('authority'), cert: undefined, rejectUnauthorized: true },
    });
  });

  test('may believe any certificate', async () => {
    await context('loose', { Host: 'tcp://far:2376', SkipTLSVerify: true });
    const host = found({ DOCKER_CONTEXT: 'loose' });
    if (!host) throw new Error('no host');
    expect(connectionOf(host)).toMatchObject({ secure: true, options: { rejectUnauthorized: false } });
  });

  test('without TLS is plain, whatever DOCKER_TLS_VERIFY says', async () => {
    await context('plain', { Host: 'tcp://far' });
    expect(found({ DOCKER_CONTEXT: 'plain', DOCKER_TLS_VERIFY: '1' })).toMatchObject({
      port: 2375,
      certificates: undefined,
    });
  });
});
