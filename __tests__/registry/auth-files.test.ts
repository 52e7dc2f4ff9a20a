import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readAuthFiles } from '../../src/registry/auth-files.ts';

let home: string;
let warnings: string[];

beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'auth-files-'));
  warnings = [];
});

afterEach(() => rm(home, { recursive: true }));

const put = async (name: string, text = '{"auths":{"r.example":{"auth":"dTpw"}}}') => {
  await mkdir(path.dirname(path.join(home, name)), { recursive: true });
  await writeFile(path.join(home, name), text);
};
/** The names of what is read, below the home folder, with the rules for each. */
const read = async (environment: Record<string, string> = {}) => {
  const files = await readAuthFiles(
    { HOME: home, XDG_RUNTIME_DIR: path.join(home, 'run'), ...environment },
    (message) => warnings.push(message),
  );
  return files.map(({ name, rules }) => `${rules} ${name.replace(`${home}/`, '')}`);
};

describe('logins are looked for', () => {
  test('nowhere else if there are none', async () => {
    expect(await read()).toEqual([]);
    expect(warnings).toEqual([]);
  });

  test('in the variable, then in Docker’s file, then in both of Podman’s', async () => {
    await put('.docker/config.json');
    await put('run/containers/auth.json');
    await put('.config/containers/auth.json');
    expect(await read({ DOCKER_AUTH_CONFIG: '{"auths":{"r.example":{"auth":"dTpw"}}}' })).toEqual([
      'variable DOCKER_AUTH_CONFIG',
      'docker .docker/config.json',
      'podman run/containers/auth.json',
      'podman .config/containers/auth.json',
    ]);
  });

  test('where DOCKER_CONFIG, REGISTRY_AUTH_FILE and XDG_CONFIG_HOME say', async () => {
    await put('.docker/config.json');
    await put('elsewhere/config.json');
    await put('run/containers/auth.json');
    await put('my-auth.json');
    await put('xdg/containers/auth.json');
    const at = (name: string) => path.join(home, name);
    expect(await read({ DOCKER_CONFIG: at('elsewhere'), REGISTRY_AUTH_FILE: at('my-auth.json') })).toEqual([
      'docker elsewhere/config.json',
      'podman my-auth.json',
    ]);
    expect(await read({ XDG_CONFIG_HOME: at('xdg') })).toContain('podman xdg/containers/auth.json');
  });

  test('and what cannot be read is a warning that names it and repeats nothing of it', async () => {
    await put('.docker/config.json', '{"auths": hunter22');
    await put('run/containers/auth.json/x');
    expect(await read({ DOCKER_AUTH_CONFIG: '{"auths":{"r":{"password":"hunter22"}}}' })).toEqual([]);
    expect(warnings.sort()).toEqual([
      expect.stringMatching(/^credentials are not read: \/.*\/\.docker\/config\.json: it is not JSON$/),
      expect.stringMatching(/^credentials are not read: DOCKER_AUTH_CONFIG: expected {"auths"/),
      expect.stringMatching(/^credentials are not read: EISDIR/),
    ]);
    expect(warnings.join()).not.toContain('hunter22');
  });
});
