import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createAskHelper } from '../../src/registry/credential-helper.ts';
import { type HelperPrograms, helperPrograms, keeps } from '../support/credential-helpers.ts';

let programs: HelperPrograms;

beforeAll(async () => {
  programs = await helperPrograms({
    store: `echo "$1 $server" >> "$HOME/asked"\n${keeps({
      'r.example': ['me', 'p:ss'],
      'token.example': ['<token>', 'identity'],
    })}`,
    vault: 'echo "GET https://me:hunter2@vault.example/x?sig=abc: 500"; exit 1',
    locked: 'echo "boom: keychain is locked"; echo "a secret on stderr" >&2; exit 1',
    leaking: 'echo \'{"Username":"me","Secret":"hunter22"}\'; exit 3',
    garbage: 'echo "hunter22 is no JSON"',
    list: 'echo "[]"',
    empty: 'echo "{}"',
    nameless: 'echo \'{"Username":"","Secret":"hunter22"}\'',
    slow: 'sleep 30 & echo $! > "$HOME/child"; wait',
    deaf: 'exec 0<&-; echo \'{"Username":"me","Secret":"p"}\'',
    endless: 'yes hunter22',
  });
});

afterAll(() => programs.remove());

const ask = (name: string, server = 'r.example', limitMs = 20_000, signal = new AbortController().signal) =>
  createAskHelper({ environment: programs.environment, signal, limitMs })(name, server);

describe('a credential helper', () => {
  test('is asked to get, with the server on standard input', async () => {
    expect(await ask('store')).toEqual({ username: 'me', password: 'p:ss' });
    expect(await readFile(path.join(programs.folder, 'asked'), 'utf8')).toBe('get r.example\n');
  });

  test('gives an identity token under the name <token>', async () => {
    expect(await ask('store', 'token.example')).toEqual({ identityToken: 'identity' });
  });

  test.each(['store', 'empty', 'list', 'nameless'])('that knows nothing is no error: %s', async (name) => {
    expect(await ask(name, 'other.example')).toBeUndefined();
  });

  test('need not read what it is asked', async () => {
    expect(await ask('deaf', 'x'.repeat(1_000_000))).toEqual({ username: 'me', password: 'p' });
  });

  test.each([
    ['vault', 'docker-credential-vault: failed for r.example (exit code 1): GET https://vault.example/x?sig=… 500'],
    ['locked', 'docker-credential-locked: failed for r.example (exit code 1): boom: keychain is locked'],
    ['leaking', 'docker-credential-leaking: failed for r.example (exit code 3)'],
    ['garbage', 'docker-credential-garbage: expected JSON with Username and Secret, found something else'],
    ['absent', 'docker-credential-absent: is not on the PATH'],
    ['../x/store', 'docker-credential-../x/store: is not the name of a program'],
    ['endless', 'docker-credential-endless: answered more than a megabyte'],
  ])('%s is an error that names it, and no secret', async (name, message) => {
    const error = await ask(name).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'INPUT_INVALID', message });
    expect(String(error)).not.toMatch(/hunter22|stderr/);
  });

  test('that takes too long is ended with all it started', async () => {
    await expect(ask('slow', 'r.example', 500)).rejects.toMatchObject({
      message: 'docker-credential-slow: gave no answer in 0.5s',
    });
    const child = Number(await readFile(path.join(programs.folder, 'child'), 'utf8'));
    for (let tries = 0; tries < 100 && isRunning(child); tries += 1) await wait(20);
    expect(isRunning(child)).toBe(false);
  });

  test('ends with the run', async () => {
    const controller = new AbortController();
    const asked = ask('slow', 'r.example', 20_000, controller.signal);
    controller.abort();
    await expect(asked).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(ask('store', 'r.example', 20_000, controller.signal)).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

/** False for what has ended, also where nobody has asked for its exit code yet. */
function isRunning(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  return existsSync(stat) && !/\) Z /.test(readFileSync(stat, 'utf8'));
}
