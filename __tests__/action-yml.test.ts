import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { INPUTS } from '../src/github/inputs.ts';
import { OUTPUTS } from '../src/github/outputs.ts';
import { parseSettings } from '../src/settings.ts';

interface Declared {
  readonly description: string;
  readonly default?: unknown;
  readonly required?: boolean;
}

const action: {
  readonly name: string;
  readonly description: string;
  readonly inputs: Readonly<Record<string, Declared>>;
  readonly outputs: Readonly<Record<string, Declared>>;
  readonly runs: object;
} = parse(readFileSync(new URL('../action.yml', import.meta.url), 'utf8'));

describe('action.yml', () => {
  test('declares exactly the inputs that are read', () => {
    expect(Object.keys(action.inputs)).toEqual([...INPUTS]);
  });

  test('declares exactly the outputs that are set', () => {
    expect(Object.keys(action.outputs)).toEqual([...OUTPUTS]);
  });

  test('describes each in one sentence', () => {
    const all = [...Object.entries(action.inputs), ...Object.entries(action.outputs)];
    const odd = all.filter(([, { description }]) => !/^[^\n]+[^.]\.$/.test(description) || /\. /.test(description));
    expect(odd).toEqual([]);
    expect(action.description).toMatch(/^\S.{20,124}$/);
  });

  test('gives every input that is not required a default, as text', () => {
    const odd = Object.entries(action.inputs).filter(
      ([, input]) => typeof input.default !== 'string' && !input.required,
    );
    expect(odd).toEqual([]);
  });

  test('has the defaults that settings have', () => {
    const defaults = Object.entries(action.inputs).map(([name, input]) => [name, String(input.default ?? '')]);
    const raw = { ...Object.fromEntries(defaults), images: 'redis:7', 'github-token': '' };
    expect(parseSettings(raw)).toEqual(parseSettings({ images: 'redis:7' }));
  });

  test('runs the bundle on Node 24, and another at the end of the job whatever became of it', () => {
    expect(action.runs).toEqual({ using: 'node24', main: 'dist/main/index.js', post: 'dist/post/index.js' });
  });
});
