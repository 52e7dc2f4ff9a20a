import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { fillFile } from '../../src/store/fill-file.ts';
import { flipped, randomBlob, tempFolder } from '../support/store-blobs.ts';

let folder: Awaited<ReturnType<typeof tempFolder>>;
let path: string;
let fd: number;
beforeEach(async () => {
  folder = await tempFolder();
  path = join(folder.path, 'file');
  fd = openSync(path, 'w+');
});
afterEach(() => {
  closeSync(fd);
  return folder.dispose();
});

const { bytes, descriptor } = randomBlob(2_000_000);

test('bytes in any order, some of them twice, are proved', () => {
  const file = fillFile(fd, path, descriptor);
  const put = (start: number, end: number) => file.put(start, bytes.subarray(start, end));
  put(1_500_000, 1_800_000);
  expect(file.written()).toBe(0);
  put(0, 10);
  put(10, 500_000);
  expect(file.written()).toBe(500_000);
  put(700_000, 900_000);
  put(400_000, 1_600_000);
  expect(file.written()).toBe(1_800_000);
  put(1_800_000, 2_000_000);
  file.prove();
  expect(readFileSync(path).equals(bytes)).toBe(true);
});

test('what is in the file is not changed by other bytes that come later', () => {
  const file = fillFile(fd, path, descriptor);
  file.put(0, bytes.subarray(0, 1_000_000));
  file.put(0, flipped(bytes, 7).subarray(0, 1_500_000));
  file.put(1_500_000, bytes.subarray(1_500_000));
  file.prove();
  expect(readFileSync(path).equals(bytes)).toBe(true);
});

test('other, fewer and more bytes are refused', () => {
  const file = fillFile(fd, path, descriptor);
  file.put(5, flipped(bytes, 9).subarray(5));
  expect(() => file.prove()).toThrow('expected 2000000 bytes, found 0');
  file.put(0, bytes.subarray(0, 5));
  expect(() => file.prove()).toThrow(`other bytes: expected ${descriptor.digest}`);
  expect(() => file.put(1_999_999, Buffer.alloc(2))).toThrow('found at least 2000001');
});
