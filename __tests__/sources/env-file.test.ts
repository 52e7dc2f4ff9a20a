import { expect, test } from '@jest/globals';
import { parseEnvFile } from '../../src/sources/env-file.ts';

const ENVIRONMENT: Readonly<Record<string, string>> = { OUTER: 'outer' };
const parsed = (text: string) => Object.fromEntries(parseEnvFile(text, (name) => ENVIRONMENT[name]));
const v = (name: string) => `\${${name}}`;

test.each<[string, Record<string, string>]>([
  ['TAG=7', { TAG: '7' }],
  ['TAG = 7\r\nexport OTHER=8\r\n', { TAG: '7', OTHER: '8' }],
  ['# comment\n\nTAG=7 # newest\nURL=a#b', { TAG: '7', URL: 'a#b' }],
  ['A=\nB=2', { A: '', B: '2' }],
  ["A='$OUTER # x'", { A: '$OUTER # x' }],
  ['A="x # y\\n\\"z\\"" # c', { A: 'x # y\n"z"' }],
  [`A=1\nB=${v('A')}-$OUTER\nC="${v('B')}"`, { A: '1', B: '1-outer', C: '1-outer' }],
  ['OUTER=inner\nA=$OUTER', { OUTER: 'inner', A: 'outer' }],
  ['A="two\nlines"\nB=1', { A: 'two\nlines', B: '1' }],
  ['nonsense\nB=1', { B: '1' }],
  ['\ufeffA=1', { A: '1' }],
  ['A="open\nB=1', { A: '"open', B: '1' }],
  [`A=$${'{'}open\nB=1`, { A: `$${'{'}open`, B: '1' }],
  ['', {}],
])('%j holds %j', (text, expected) => {
  expect(parsed(text)).toEqual(expected);
});
