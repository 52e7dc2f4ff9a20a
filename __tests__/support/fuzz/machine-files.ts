import { parse } from 'smol-toml';
import { parseHosts } from '../../../src/registry/routes/hosts-toml.ts';
import { insecureHosts, parseRules, ruleFor } from '../../../src/registry/routes/registries-conf.ts';
import type { Table } from '../../../src/registry/routes/toml.ts';
import type { Target } from './run-target.ts';

/** The table of a text that is TOML; what the parser of a library says of the rest is none of ours. */
function table(text: string): Table | undefined {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

const silent = () => {};

export const hostsToml: Target = {
  name: 'hosts.toml',
  corpus: [
    'server = "https://registry-1.docker.io"\n[host."https://mirror.test/x"]\ncapabilities = ["pull", "resolve"]\nca = "a.pem"',
    '[host."http://a.test:5000"]\nclient = [["a.cert", "a.key"]]\nskip_verify = true\noverride_path = true\ndial_timeout = "1m3s"',
    '[host."https://a.test".header]\nx = ["1", "2"]',
  ],
  tokens: [
    '[host."',
    '"]',
    'https://',
    'server = "',
    'ca = [',
    'header = {',
    '"',
    '\n',
    ' = ',
    '[[]]',
    '{}',
    '1',
    '1979-05-27',
    '../',
  ],
  parse(text) {
    const found = table(text);
    for (const { base, origin } of found ? parseHosts(found, '/etc/containerd/certs.d/a', silent) : []) {
      const url = new URL(`${base}/a/manifests/1`, origin ?? 'https://r.example');
      if (url.origin !== (origin?.origin ?? 'https://r.example')) throw new TypeError(`another host: ${url.href}`);
    }
  },
};

export const registriesConf: Target = {
  name: 'registries.conf',
  corpus: [
    '[[registry]]\nprefix = "*.test"\nlocation = "b.test/x"\nblocked = true\n[[registry.mirror]]\nlocation = "c.test:5000"\ninsecure = true',
    'unqualified-search-registries = ["a.test"]\n[[registry]]\nlocation = "a.test/b"\nmirror-by-digest-only = true',
  ],
  tokens: [
    '[[registry]]',
    '[[registry.mirror]]',
    'prefix = "',
    'location = "',
    '*.',
    '/',
    ':',
    '@',
    '"',
    '\n',
    ' = ',
    'true',
    '5',
    '[]',
  ],
  parse(text) {
    const found = table(text);
    const rules = found ? parseRules(found, 'FILE', silent) : [];
    insecureHosts(rules);
    for (const name of ['a.test/b/c', 'docker.io/library/redis', '[::1]:5000/x']) ruleFor(rules, name);
  },
};
