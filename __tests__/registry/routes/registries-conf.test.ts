import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { parse } from 'smol-toml';
import {
  insecureHosts,
  parseRules,
  readRegistriesConf,
  ruleFor,
} from '../../../src/registry/routes/registries-conf.ts';
import { closeNetworks, folderWith } from '../../support/network.ts';

afterEach(closeNetworks);

function rules(text: string, warnings: string[] = []) {
  return parseRules(parse(text), 'FILE', (warning) => warnings.push(warning));
}

/** Rules for these prefixes, and which of them is for the name, with the rest of that. */
function chosen(prefixes: readonly string[], name: string) {
  const found = ruleFor(rules(prefixes.map((prefix) => `[[registry]]\nprefix = "${prefix}"`).join('\n')), name);
  return found && `${found.rule.prefix} + ${found.rest}`;
}

describe('the rule for a name', () => {
  test.each([
    [['a.test', 'b.test'], 'b.test/x', 'b.test + /x'],
    [['a.test', 'a.test/team', 'a.test/te'], 'a.test/team/x', 'a.test/team + /x'],
    [['a.test/team'], 'a.test/teams/x', undefined],
    [['a.test'], 'a.test:5000/x', 'a.test + :5000/x'],
    [['a.test'], 'aa.test/x', undefined],
    [['docker.io'], 'docker.io/library/redis', 'docker.io + /library/redis'],
    [['docker.io/redis'], 'docker.io/library/redis', undefined],
    [['*.test'], 'a.b.test/x', '*.test + /x'],
    [['*.test'], 'a.test:5000/x', '*.test + :5000/x'],
    [['*.test'], 'test/x', undefined],
    [['*.test'], 'a.tester/x', undefined],
    [['*.test'], 'docker.io/a.test/x', undefined],
    [['*.test', 'ab.test'], 'ab.test/x', 'ab.test + /x'],
    [[], 'a.test/x', undefined],
  ])('of %j for %s is %s', (prefixes, name, expected) => {
    expect(chosen(prefixes, name)).toBe(expected);
  });
});

describe('a rule', () => {
  test('has mirrors in their order, and who may say what a tag points to', () => {
    const text = `
      [[registry]]
      prefix = "docker.io"
      location = "hub.corp/proxy/"
      [[registry.mirror]]
      location = "m1.corp/hub"
      insecure = true
      [[registry.mirror]]
      location = "m2.corp"
      pull-from-mirror = "digest-only"
      [[registry]]
      location = "a.test"
      mirror-by-digest-only = true
      blocked = true
      insecure = true
      [[registry.mirror]]
      location = "m3.corp"`;
    expect(rules(text)).toEqual([
      {
        prefix: 'docker.io',
        location: 'hub.corp/proxy',
        insecure: false,
        blocked: false,
        file: 'FILE',
        mirrors: [
          { location: 'm1.corp/hub', insecure: true, resolves: true },
          { location: 'm2.corp', insecure: false, resolves: false },
        ],
      },
      {
        prefix: 'a.test',
        location: '',
        insecure: true,
        blocked: true,
        file: 'FILE',
        mirrors: [{ location: 'm3.corp', insecure: false, resolves: false }],
      },
    ]);
    expect(insecureHosts(rules(text))).toEqual(['m1.corp:443', 'm1.corp:80', 'a.test:443', 'a.test:80']);
  });

  test.each([
    ['[[registry]]\ninsecure = true', 'FILE: [[registry]] "": expected a prefix or a location'],
    [
      '[[registry]]\nprefix = "a.test"\nlocation = "https://b.test"',
      'FILE: [[registry]] a.test: "https://b.test" is no location',
    ],
    [
      '[[registry]]\nprefix = "a.test"\nlocation = "mirror/hub"',
      'FILE: [[registry]] a.test: "mirror/hub" is no location',
    ],
    ['[[registry]]\nprefix = "a.test"\nlocation = 5', 'FILE: [[registry]] a.test: 5 is no location'],
    [
      '[registry]\nprefix = "a.test"\nblocked = true',
      'FILE: registry: expected an array, [[registry]], found [registry]',
    ],
    ['registry = 5', 'FILE: registry: expected an array, [[registry]], found 5'],
    [
      '[[registry]]\nprefix = "a.test"\n[[registry.mirror]]\nlocation = "mirror/hub"',
      'FILE: [[registry.mirror]] of a.test: expected a location such as registry.corp:5000/team, found "mirror/hub"',
    ],
    ['[[registry]]\nprefix = "a.test/x:1"\nlocation = "b.test"', 'a.test/x:1: it is for one tag or digest alone'],
    ['[[registry]]\nprefix = "a.test"\n[[registry.mirror]]\ninsecure = true', 'FILE: [[registry.mirror]] of a.test'],
  ])('%s is warned of', (text, warning) => {
    const warnings: string[] = [];
    rules(text, warnings);
    expect(warnings).toEqual([expect.stringContaining(warning)]);
  });

  test('may move a registry to any name of Docker Hub', () => {
    const warnings: string[] = [];
    for (const location of ['docker.io', 'index.docker.io', 'registry-1.docker.io'])
      rules(`[[registry]]\nprefix = "a.test"\nlocation = "${location}"`, warnings);
    expect(warnings).toEqual([]);
  });

  test('in a single table counts too', () => {
    expect(rules('[registry]\nlocation = "a.test"\nblocked = true')).toMatchObject([
      { prefix: 'a.test', blocked: true },
    ]);
  });

  test('of odd types is none', () => {
    expect(rules('registry = 5')).toEqual([]);
    expect(rules('registry = [1, "x"]')).toEqual([]);
  });
});

describe('the files of a machine', () => {
  const rule = (prefix: string, more = '') => `[[registry]]\nprefix = "${prefix}"\n${more}\n`;

  async function read(files: Record<string, string>, named?: string) {
    const folder = await folderWith(files);
    const warnings: string[] = [];
    const environment = {
      HOME: path.join(folder, 'home'),
      CONTAINERS_REGISTRIES_CONF: named && path.join(folder, named),
    };
    const found = await readRegistriesConf(environment, (warning) => warnings.push(warning), path.join(folder, 'etc'));
    return { found: found.map(({ prefix, blocked }) => `${prefix}${blocked ? ' blocked' : ''}`), warnings, folder };
  }
  const OWN = 'home/.config/containers/registries.conf';

  test('are read with their drop-ins, of which the last counts', async () => {
    const { found } = await read({
      'etc/registries.conf': rule('a.test') + rule('b.test'),
      'etc/registries.conf.d/20.conf': rule('b.test', 'blocked = true'),
      'etc/registries.conf.d/10.conf': rule('b.test') + rule('c.test'),
      'etc/registries.conf.d/30.txt': rule('d.test'),
      [`${OWN}.d/x.conf`]: rule('e.test'),
    });
    expect(found).toEqual(['a.test', 'b.test blocked', 'c.test', 'e.test']);
  });

  test('give way to the user’s own file, with its drop-ins', async () => {
    const { found } = await read({
      'etc/registries.conf': rule('a.test'),
      'etc/registries.conf.d/20.conf': rule('b.test'),
      [OWN]: rule('c.test'),
      [`${OWN}.d/x.conf`]: rule('d.test'),
    });
    expect(found).toEqual(['c.test', 'd.test']);
  });

  test('give way to the file that CONTAINERS_REGISTRIES_CONF names', async () => {
    const files = { 'etc/registries.conf': rule('a.test'), [OWN]: rule('b.test'), 'my.conf': rule('c.test') };
    expect((await read(files, 'my.conf')).found).toEqual(['c.test']);
  });

  test('need not be there, and need say nothing of registries', async () => {
    expect((await read({})).found).toEqual([]);
    // As Debian and Fedora have it; what cannot be parsed shows that it is not even tried.
    const shortNames =
      'unqualified-search-registries = ["docker.io"]\n[aliases]\n  "fedora" = "registry.fedora.test/x\n';
    const { found, warnings } = await read({ 'etc/registries.conf': shortNames });
    expect([found, warnings]).toEqual([[], []]);
  });

  test('that are no TOML are a warning with the place, without a word of them', async () => {
    const { found, warnings, folder } = await read({
      'etc/registries.conf': '[[registry]]\nprefix = "a.test"\nsecret = hunter2 x',
      'etc/registries.conf.d/1.conf': rule('b.test'),
    });
    expect(found).toEqual(['b.test']);
    expect(warnings).toEqual([`${folder}/etc/registries.conf is not read: it is not TOML (line 3, column 10)`]);
  });
});
