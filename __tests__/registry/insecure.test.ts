import { expect, test } from '@jest/globals';
import { createInsecure } from '../../src/registry/insecure.ts';
import { namesOf } from '../support/names.ts';

const NAMES = namesOf({
  'ghcr.io': ['10.0.0.1'],
  'registry-1.docker.io': ['10.0.0.1'],
  'corp.example': ['10.0.0.1'],
  'both.example': ['10.0.0.1', '93.184.216.34'],
});

test.each([
  ['', 'https://localhost:5000', true],
  ['', 'https://127.0.0.9', true],
  ['', 'https://[::1]:5000', true],
  ['', 'https://10.0.0.1', false],
  ['registry.corp', 'https://registry.corp:5000', true],
  ['registry.corp', 'https://sub.registry.corp', false],
  ['registry.corp:5000', 'https://registry.corp:5000', true],
  ['registry.corp:5000', 'https://registry.corp', false],
  ['registry.corp:443', 'https://registry.corp', true],
  ['registry.corp:80', 'http://registry.corp', true],
  ['[fd00::1]:5000', 'https://[fd00::1]:5000', true],
  ['[fd00::1]', 'https://[fd00::1]:5000', true],
  ['fd00::/8', 'https://[fd00::1]:5000', true],
  ['10.0.0.0/8', 'https://10.1.2.3:5000', true],
  ['10.0.0.1', 'https://10.0.0.1:5000', true],
  ['10.0.0.0/8', 'https://corp.example', true],
  ['10.0.0.0/8', 'https://both.example', false],
  ['10.0.0.0/8', 'https://ghcr.io', false],
  ['10.0.0.0/8', 'https://registry-1.docker.io', false],
  ['ghcr.io', 'https://ghcr.io', true],
  ['10.0.0.0/8', 'https://nobody.example', false],
])('with %s listed, %s may do without a good certificate: %s', async (listed, url, expected) => {
  expect(await createInsecure(listed ? [listed] : [], NAMES).allows(new URL(url))).toBe(expected);
});
