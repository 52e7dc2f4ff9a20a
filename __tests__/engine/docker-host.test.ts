import { describe, expect, test } from '@jest/globals';
import { dockerHost } from '../../src/engine/docker-host.ts';

const nothing = () => false;

describe('DOCKER_HOST', () => {
  test.each([
    ['unix:///var/run/docker.sock', { kind: 'socket', socketPath: '/var/run/docker.sock' }],
    ['unix:///run/user/1000/a b.sock', { kind: 'socket', socketPath: '/run/user/1000/a b.sock' }],
    ['tcp://localhost:2375', { kind: 'tcp', host: 'localhost', port: 2375 }],
    ['tcp://docker:1234/', { kind: 'tcp', host: 'docker', port: 1234 }],
    ['tcp://10.0.0.1', { kind: 'tcp', host: '10.0.0.1', port: 2375 }],
    ['tcp://[::1]:2376', { kind: 'tcp', host: '::1', port: 2376 }],
    ['localhost:2375', { kind: 'tcp', host: 'localhost', port: 2375 }],
  ])('%s is understood', (given, expected) => {
    const host = dockerHost({ DOCKER_HOST: given }, nothing);
    expect(host).toMatchObject({ ...expected, from: `DOCKER_HOST=${given}` });
    expect(host).not.toMatchObject({ certificates: expect.any(String) });
  });

  test.each([
    ['ssh://me@host', 'found ssh://…@host; ssh:// is not supported'],
    ['npipe:////./pipe/docker_engine', 'found npipe:////./pipe/docker_engine; npipe:// is not supported'],
    ['fd://', 'found fd://; fd:// is not supported'],
    ['http://localhost:2375', 'http:// is not supported'],
    ['unix://docker.sock', 'found unix://docker.sock'],
    ['unix://', 'found unix://'],
    ['tcp://', 'found tcp://'],
    ['tcp://host:0', 'found tcp://host:0'],
    ['tcp://host:99999', 'found tcp://host:99999'],
    ['tcp://host:port', 'found tcp://host:port'],
    ['tcp://host:2375/v1.41', 'found tcp://host:2375/v1.41'],
    ['docker.sock', 'found docker.sock'],
    ['/var/run/docker.sock', 'found /var/run/docker.sock'],
    ['tcp://user:secret@host:2375', 'found tcp://…@host:2375'],
    ['::error::x ##[error]\u001b[31m', 'found : :error'],
  ])('%s is refused in words', (given, words) => {
    let thrown: unknown;
    try {
      dockerHost({ DOCKER_HOST: given }, nothing);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: expect.stringMatching(
        /^Docker: expected DOCKER_HOST to be unix:\/\/\/path or tcp:\/\/host:port, found /,
      ),
      hint: expect.stringContaining('engine: none'),
    });
    expect((thrown as Error).message).toContain(words);
    expect((thrown as Error).message).not.toContain('secret');
  });

  test('with DOCKER_TLS_VERIFY has certificates, by default of the home folder, and another port', () => {
    const base = { DOCKER_HOST: 'tcp://docker', DOCKER_TLS_VERIFY: '1', HOME: '/home/me' };
    expect(dockerHost(base, nothing)).toMatchObject({ port: 2376, certificates: '/home/me/.docker' });
    expect(dockerHost({ ...base, DOCKER_CERT_PATH: '' }, nothing)).toMatchObject({ certificates: '/home/me/.docker' });
    expect(dockerHost({ ...base, DOCKER_CERT_PATH: '/certs/client' }, nothing)).toMatchObject({
      certificates: '/certs/client',
    });
    expect(dockerHost({ ...base, DOCKER_HOST: 'tcp://docker:2375' }, nothing)).toMatchObject({ port: 2375 });
    expect(dockerHost({ ...base, DOCKER_TLS_VERIFY: '', DOCKER_CERT_PATH: '/certs' }, nothing)).toMatchObject({
      port: 2375,
      certificates: undefined,
    });
  });

  test('wins over sockets', () => {
    expect(dockerHost({ DOCKER_HOST: 'tcp://docker' }, () => true)).toMatchObject({ kind: 'tcp' });
  });
});

describe('without DOCKER_HOST', () => {
  const system = '/var/run/docker.sock';
  const rootless = '/run/user/1000/docker.sock';
  test.each<[string[], string | undefined, string | undefined]>([
    [[system, rootless], '/run/user/1000', system],
    [[rootless], '/run/user/1000', rootless],
    [[rootless], undefined, undefined],
    [[], '/run/user/1000', undefined],
  ])('of %j with XDG_RUNTIME_DIR=%s the socket is %s', (there, runtime, expected) => {
    for (const DOCKER_HOST of [undefined, '']) {
      const host = dockerHost({ DOCKER_HOST, XDG_RUNTIME_DIR: runtime }, (file) => there.includes(file));
      expect(host).toEqual(expected && { kind: 'socket', socketPath: expected, from: expected });
    }
  });
});
