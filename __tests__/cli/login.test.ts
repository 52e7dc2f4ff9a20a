import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { helperPrograms } from '../support/credential-helpers.ts';
import { HTPASSWD, startDockerRegistry } from '../support/docker-registry.ts';
import { realTest } from '../support/real-parts.ts';
import { closeServers, scriptedServer } from '../support/scripted-server.ts';
import { sourceCommand } from '../support/source.ts';
import { start } from '../support/terminal.ts';

let home: string;
let file: string;
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'pull-image-login-'));
  file = path.join(home, '.docker', 'config.json');
});
afterEach(async () => {
  await closeServers();
  await rm(home, { recursive: true, force: true });
});

/** The password goes in as people write it; `$0` is the whole command. */
const run = (password: string, words: readonly string[], environment: Readonly<Record<string, string>> = {}) => {
  const [node = '', ...rest] = sourceCommand(...words);
  return start('sh', ['-c', 'printf %s "$1" | { shift; "$@"; }', 'sh', password, node, ...rest], {
    NODE_DISABLE_COMPILE_CACHE: '1',
    HOME: home,
    ...environment,
  }).done;
};
const login = (host: string, password: string, environment = {}) =>
  run(password, ['login', host, '-u', HTPASSWD.username, '--password-stdin'], environment);
const json = async () => JSON.parse(await readFile(file, 'utf8'));
const AUTH = Buffer.from(`${HTPASSWD.username}:${HTPASSWD.password}`).toString('base64');

describe('login', () => {
  realTest('docker-registry')(
    'asks the registry first, then writes the file as Docker does; what else is in it stays',
    async () => {
      const registry = await startDockerRegistry({ htpasswd: HTPASSWD.line });
      try {
        const wrong = await login(registry.host, 'wrong');
        expect(wrong.code).toBe(1);
        expect(wrong.stderr).toMatch(/wants another login \(401 .*\n?.*Check the user name/);
        expect(await readdir(home)).toEqual([]);
        await mkdir(path.dirname(file));
        await writeFile(path.join(home, 'real.json'), '{"psFormat":"<x>","auths":{"other":{"auth":"eDp5"}}}');
        await symlink('../real.json', file);
        const right = await login(registry.host, `${HTPASSWD.password}\n`);
        expect({ code: right.code, stdout: right.stdout }).toEqual({ code: 0, stdout: 'Login Succeeded\n' });
        expect(right.stderr).toMatch(/^warning: the login is kept unencrypted in \S+real\.json.*\n$/);
        // Keys in order, and what HTML knows escaped: so Docker 20.10 and 28 left the same file, byte for byte.
        const written = { auths: { [registry.host]: { auth: AUTH }, other: { auth: 'eDp5' } }, psFormat: '<x>' };
        const text = JSON.stringify(written, null, '\t').replace('<x>', '\\u003cx\\u003e');
        expect(await readFile(file, 'utf8')).toBe(text);
        expect((await stat(path.join(home, 'real.json'))).mode & 0o777).toBe(0o600);
        expect((await readdir(home)).sort()).toEqual(['.docker', 'real.json']);
        const out = await run('', ['logout', registry.host]);
        expect(out.stdout).toBe(`Removing login credentials for ${registry.host}\n`);
        expect(await json()).toEqual({ auths: { other: { auth: 'eDp5' } }, psFormat: '<x>' });
        expect((await run('', ['logout', registry.host])).stdout).toBe(`Not logged in to ${registry.host}\n`);
      } finally {
        await registry.stop();
      }
    },
    60_000,
  );

  test('a program that the file names keeps the login, and forgets it', async () => {
    const server = await scriptedServer(({ headers }, response) => {
      const known = headers.authorization === `Basic ${AUTH}`;
      response.writeHead(known ? 200 : 401, known ? {} : { 'www-authenticate': 'Basic realm="test"' }).end();
    });
    const said = path.join(home, 'said');
    const helpers = await helperPrograms({ test: `echo "$1 $server" >> ${said}` });
    try {
      await mkdir(path.dirname(file));
      await writeFile(file, '{"credsStore":"test"}');
      const environment = { PATH: helpers.environment.PATH ?? '' };
      const { code, stdout } = await login(server.host, HTPASSWD.password, environment);
      expect({ code, stdout }).toEqual({ code: 0, stdout: 'Login Succeeded\n' });
      expect(await json()).toEqual({ credsStore: 'test', auths: { [server.host]: {} } });
      expect((await run('', ['logout', server.host], environment)).code).toBe(0);
      expect(await json()).toEqual({ credsStore: 'test', auths: {} });
      const [stored = '', erased] = (await readFile(said, 'utf8')).trim().split('\n');
      expect(JSON.parse(stored.replace('store ', ''))).toEqual({
        ServerURL: server.host,
        Username: HTPASSWD.username,
        Secret: HTPASSWD.password,
      });
      expect(erased).toBe(`erase ${server.host}`);
    } finally {
      await helpers.remove();
    }
  }, 60_000);

  test('a file that says nothing of logins gets the program of the system, as with Docker', async () => {
    const server = await scriptedServer((_, response) => response.writeHead(200).end('{}'));
    const name = { darwin: 'osxkeychain', win32: 'wincred' }[process.platform as string] ?? 'pass';
    const helpers = await helperPrograms({ [name]: 'true' });
    try {
      await symlink('/bin/true', path.join(helpers.folder, 'pass'));
      expect((await login(server.host, 'x', { PATH: helpers.environment.PATH ?? '' })).code).toBe(0);
      expect(await json()).toEqual({ auths: { [server.host]: {} }, credsStore: name });
      await writeFile(file, '{"auths":{"other":{"auth":"eDp5"}}}');
      await login(server.host, 'x', { PATH: helpers.environment.PATH ?? '' });
      expect(await json()).toMatchObject({ auths: { [server.host]: { auth: expect.any(String) } } });
    } finally {
      await helpers.remove();
    }
  }, 60_000);

  test('where nobody is asked for a login it says that nothing was proved', async () => {
    const server = await scriptedServer((_, response) => response.writeHead(200).end('{}'));
    const { code, stderr } = await login(server.host, 'x');
    expect(code).toBe(0);
    expect(stderr).toContain('asks nobody for a login, so this one could not be checked');
  }, 60_000);

  test('a password is taken from standard input alone', async () => {
    const without = await run('secret', ['login', 'r.example', '-u', 'me']);
    expect(without.code).toBe(1);
    expect(without.stderr).toContain('--password-stdin is missing');
    expect(without.stderr).toContain('pull-image login r.example -u NAME --password-stdin < token.txt');
    const empty = await run('', ['login', 'r.example', '-u', 'me', '--password-stdin']);
    expect(empty.stderr).toContain('standard input holds no password');
    expect(await readdir(home)).toEqual([]);
  }, 60_000);

  test('logout of Docker Hub removes the key Docker uses', async () => {
    await mkdir(path.dirname(file));
    await writeFile(file, `{"auths":{"https://index.docker.io/v1/":{"auth":"${AUTH}"}}}`);
    const { stdout } = await run('', ['logout']);
    expect(stdout).toBe('Removing login credentials for https://index.docker.io/v1/\n');
    expect(await json()).toEqual({ auths: {} });
  }, 60_000);
});
