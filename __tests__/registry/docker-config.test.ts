import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseDockerConfig, readDockerConfig } from '../../src/registry/docker-config.ts';

const TEXT = '{"auths":{"r.example":{"auth":"dTpw"}},"credHelpers":{"gcr.io":"gcloud"},"currentContext":"x"}';

let home: string;
let warnings: string[];

beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'docker-config-'));
  warnings = [];
});

afterEach(() => rm(home, { recursive: true }));

const read = (environment: Record<string, string>) =>
  readDockerConfig(environment, (message) => void warnings.push(message));

describe('Docker’s file', () => {
  test('is read where DOCKER_CONFIG says, else at home', async () => {
    await mkdir(path.join(home, '.docker'));
    await writeFile(path.join(home, '.docker', 'config.json'), TEXT);
    await writeFile(path.join(home, 'config.json'), '{}');
    expect(Object.keys((await read({ HOME: home }))?.auths ?? {})).toEqual(['r.example']);
    expect(Object.keys((await read({ HOME: home, DOCKER_CONFIG: home }))?.auths ?? {})).toEqual([]);
    expect(warnings).toEqual([]);
  });

  test('may be absent', async () => {
    expect(await read({ HOME: home })).toBeUndefined();
    expect(warnings).toEqual([]);
  });

  test('that cannot be read is a warning that names it, and no credentials', async () => {
    await writeFile(path.join(home, 'config.json'), '{');
    expect(await read({ DOCKER_CONFIG: home })).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining(path.join(home, 'config.json'))]);
  });

  test('is narrowed to what is used', () => {
    const { auths, credHelpers, credsStore } = parseDockerConfig(TEXT);
    expect({ ...auths }).toEqual({ 'r.example': { auth: 'dTpw' } });
    expect({ ...credHelpers }).toEqual({ 'gcr.io': 'gcloud' });
    expect(credsStore).toBeUndefined();
  });

  test.each(['', ' \n', '{}', '{"auths":{}}'])('may be empty: %j', (text) => {
    expect(Object.keys(parseDockerConfig(text).auths)).toEqual([]);
  });

  test.each([
    '{',
    '[]',
    '"x"',
    '{"auths":[]}',
    '{"auths":{"r":"x"}}',
    '{"auths":{"r":{"auth":1}}}',
    '{"credsStore":1}',
  ])('is refused where docker/cli refuses it: %s', (text) => {
    expect(() => parseDockerConfig(text)).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
  });
});
