import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startSource } from '../support/source.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pull-image-help-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
const run = (...words: string[]) => startSource(words, { HOME: folder }).done;

const COMMANDS = [
  ...['pull', 'push', 'save', 'load', 'export', 'import', 'ls', 'inspect', 'manifest inspect', 'rm', 'tag'],
  ...['index create', 'lock', 'serve', 'login', 'logout', 'search', 'store ls', 'store verify', 'store sweep'],
  ...['manifest', 'index', 'store'],
];

test('every command says in its help how it is used, and what an option means that is not given', async () => {
  for (const command of COMMANDS) {
    const { code, stdout } = await run(...command.split(' '), '--help');
    expect({ command, code }).toEqual({ command, code: 0 });
    expect(stdout).toMatch(/\nExamples?:\n {2}/);
    expect(stdout).toContain(`pull-image ${command}`);
    expect(stdout).not.toContain('[])');
    expect(stdout).not.toMatch(/\((default|choices): [^)]*"/);
  }
}, 120_000);

const PASSWORD_ADVICE =
  'A password is taken from standard input alone: --password-stdin < token.txt\nSee pull-image login --help.\n';

test.each([
  [
    ['pull', '--plattform', 'x'],
    "error: unknown option '--plattform'\n(Did you mean --platform?)\nSee pull-image pull --help.\n",
  ],
  [['store', 'ls', '--all'], "error: unknown option '--all'\nSee pull-image store ls --help.\n"],
  [['ls', '--store'], "error: option '--store <directory>' argument missing\nSee pull-image ls --help.\n"],
  [
    ['pul', 'redis'],
    "error: unknown command 'pul'; to pull an image of this name write: pull-image pull pul\nSee pull-image --help.\n",
  ],
  [['--hlep'], "error: unknown option '--hlep'\n(Did you mean --help?)\nSee pull-image --help.\n"],
  [
    ['pull', '--plattform=x'],
    "error: unknown option '--plattform'\n(Did you mean --platform?)\nSee pull-image pull --help.\n",
  ],
  [['pull', '-phunter2'], "error: unknown option '-p'\nSee pull-image pull --help.\n"],
  [['login', "--password=hun'ter=2"], `error: unknown option '--password'\n${PASSWORD_ADVICE}`],
  [['login', 'r.example', '-phunter2'], `error: unknown option '-p'\n${PASSWORD_ADVICE}`],
  [['ls', '--x\n::error::y'], "error: unknown option '--x\n: :error::y'\nSee pull-image ls --help.\n"],
])(
  'after %j comes what is wrong and where help is, and no more',
  async (words, says) => {
    const { code, stdout, stderr } = await run(...words);
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: says });
  },
  30_000,
);
