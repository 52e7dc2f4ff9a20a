/** A source of numbers from 0 up to 1. */
export type Random = () => number;

/** What parsers trip over, whatever they parse: names every object has, numbers that are none, halves of characters, quotes, ends of lines. */
const TRAPS = [
  '__proto__',
  'constructor',
  'toString',
  '1e999',
  '-0',
  '9007199254740993',
  `${'9'.repeat(400)}`,
  '\ud800',
  '\udfff',
  '\u0000',
  '\r\n',
  '\u2028',
  '\u202e',
  '\ufeff',
  '"',
  '\\',
  '%2e%2e%2f',
  '../',
  '::error::',
  '##[error]',
  '\u001b[31m',
  '{"a":',
  '[[[[[[[[',
  '{"__proto__":{"a":1}}',
  'null',
];
const LONG = 64 * 1024;

const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
const at = (random: Random, text: string): number => Math.floor(random() * (text.length + 1));

type Mutation = (text: string, random: Random, other: string, tokens: readonly string[]) => string;

const insert = (text: string, where: number, piece: string): string => text.slice(0, where) + piece + text.slice(where);

const MUTATIONS: readonly Mutation[] = [
  (text, random) => insert(text, at(random, text), String.fromCharCode(Math.floor(random() * 128))),
  (text, random) => insert(text, at(random, text), String.fromCharCode(Math.floor(random() * 0x10000))),
  (text, random) => insert(text, at(random, text), pick(random, TRAPS)),
  (text, random, _, tokens) => insert(text, at(random, text), pick(random, tokens)),
  (text, random) => {
    const from = at(random, text);
    return text.slice(0, from) + text.slice(from + 1 + Math.floor(random() * 8));
  },
  (text, random) => {
    const from = at(random, text);
    return text.slice(0, from) + pick(random, TRAPS) + text.slice(from + 1);
  },
  (text, random) => {
    const from = at(random, text);
    const piece = text.slice(from, from + 1 + Math.floor(random() * 16));
    return insert(text, at(random, text), piece);
  },
  (text, random) => {
    const from = at(random, text);
    return text.slice(0, from) + text.slice(from).toUpperCase();
  },
  (text, random) => text.slice(0, at(random, text)),
  (text, random, other) => text.slice(0, at(random, text)) + other.slice(at(random, other)),
];

/** Texts that need no chance: each piece as often as a long text holds it, alone and after a good beginning, and documents of any depth. */
export function monsters(corpus: readonly string[], tokens: readonly string[]): readonly string[] {
  const [good = ''] = corpus;
  const repeated = [...tokens, ...TRAPS, 'a', ' ', '0'].map((piece) => piece.repeat(LONG / piece.length));
  const deep = (open: string, close: string) => `${open.repeat(LONG)}1${close.repeat(LONG)}`;
  const nested = [deep('[', ']'), deep('{"a":', '}'), `{"a":${deep('[', ']')}}`];
  const members = ['manifests', 'config', 'layers', 'auths', 'errors', 'rootfs'];
  return [
    ...repeated.flatMap((text) => [text, good + text, good.slice(0, good.length / 2) + text]),
    ...nested,
    ...members.map((name) => `{"schemaVersion":2,"${name}":${deep('[', ']')}}`),
  ];
}

/** What a member of a document may be instead. */
const VALUES: readonly unknown[] = [
  ...[null, true, -1, 0.5, 1e308, Number.MAX_SAFE_INTEGER + 1, '', [], {}, [null], [[]]],
  ...TRAPS,
];

/** A document that is still JSON, one of its members another, named twice, named oddly, or gone. */
function restructured(text: string, random: Random): string | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const objects: Record<string, unknown>[] = [];
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    objects.push(value as Record<string, unknown>);
    for (const inner of Object.values(value)) collect(inner);
  };
  collect(json);
  const target = objects.length > 0 ? pick(random, objects) : {};
  const names = Object.keys(target);
  const name = random() < 0.2 || names.length === 0 ? pick(random, TRAPS) : pick(random, names);
  const value =
    random() < 0.3 ? structuredClone(pick(random, objects.length > 0 ? objects : [{}])) : pick(random, VALUES);
  if (random() < 0.1) delete target[name];
  // Not by assignment, which would set the prototype.
  else Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
  return JSON.stringify(json);
}

/** One time in so many a text becomes long, which shows what takes more than its share of time. */
const SELDOM = 1 / 500;

function long(text: string, random: Random, tokens: readonly string[]): string {
  const from = at(random, text);
  const piece =
    random() < 0.5 ? text.slice(from, from + 1 + Math.floor(random() * 8)) : pick(random, [...tokens, ...TRAPS]);
  const times = piece === '' ? 0 : Math.floor((LONG * random()) / piece.length);
  return insert(text, at(random, text), piece.repeat(times)).slice(0, 2 * LONG);
}

/** Texts without end, each a corpus text with one to eight mutations, some of those that are JSON still JSON; the same for the same random numbers. */
export function mutator(random: Random, corpus: readonly string[], tokens: readonly string[]): () => string {
  return () => {
    let text = pick(random, corpus);
    for (let left = Math.floor(random() * 4); left > 0 && text.startsWith('{'); left -= 1) {
      text = restructured(text, random) ?? text;
      if (random() < 0.5) return text;
    }
    for (let left = 1 + Math.floor(random() * 8); left > 0; left -= 1) {
      text = pick(random, MUTATIONS)(text, random, pick(random, corpus), tokens);
    }
    return random() < SELDOM ? long(text, random, tokens) : text;
  };
}
