import { createCipheriv, createHash } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

const SMALLEST = 1 << 10;
const LARGEST = 256 << 10;
const FILES_IN_FOLDER = 40;

/** Fills a folder with files of a kilobyte to 256 KiB, so many bytes in all, that compress as well as programs do (to two thirds); the same for the same name. */
export async function fillWithFiles(folder: string, name: string, bytes: number): Promise<void> {
  const pool = poolOf(name);
  const random = numbersOf(name);
  for (let written = 0, count = 0; written < bytes; count += 1) {
    const size = Math.min(bytes - written, Math.round(SMALLEST * (LARGEST / SMALLEST) ** random()));
    const at = Math.floor(random() * (pool.byteLength - size));
    const within = path.join(folder, name, String(Math.floor(count / FILES_IN_FOLDER)));
    if (count % FILES_IN_FOLDER === 0) await mkdir(within, { recursive: true });
    await writeFile(path.join(within, `${count}.bin`), pool.subarray(at, at + size));
    written += size;
  }
}

/** Puts a program called `ok` into the folder that ends at once with success: a whole ELF file of a few instructions, which needs nothing else in the image. */
export async function addProgram(folder: string): Promise<void> {
  const code = CODE[process.arch];
  if (!code) throw new Error(`no program for ${process.arch}`);
  const [HEADER, PROGRAM, BASE] = [64, 56, 0x400000];
  const elf = Buffer.alloc(HEADER + PROGRAM);
  elf.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  elf.writeUInt16LE(2, 16);
  elf.writeUInt16LE(code.machine, 18);
  elf.writeUInt32LE(1, 20);
  elf.writeBigUInt64LE(BigInt(BASE + HEADER + PROGRAM), 24);
  elf.writeBigUInt64LE(BigInt(HEADER), 32);
  for (const [at, value] of [HEADER, PROGRAM, 1].entries()) elf.writeUInt16LE(value, 52 + 2 * at);
  elf.writeUInt32LE(1, HEADER);
  elf.writeUInt32LE(5, HEADER + 4);
  for (const at of [16, 24]) elf.writeBigUInt64LE(BigInt(BASE), HEADER + at);
  for (const at of [32, 40]) elf.writeBigUInt64LE(BigInt(elf.byteLength + code.bytes.length), HEADER + at);
  elf.writeBigUInt64LE(4096n, HEADER + 48);
  await writeFile(path.join(folder, 'ok'), Buffer.concat([elf, Buffer.from(code.bytes)]));
  await chmod(path.join(folder, 'ok'), 0o755);
}

// exit(0)
const CODE: Readonly<Record<string, { readonly machine: number; readonly bytes: readonly number[] }>> = {
  x64: { machine: 62, bytes: [0x31, 0xff, 0xb8, 60, 0, 0, 0, 0x0f, 0x05] },
  arm64: { machine: 183, bytes: [0, 0, 0x80, 0xd2, 0xa8, 0x0b, 0x80, 0xd2, 1, 0, 0, 0xd4] },
};

const POOL = 8 << 20;
const BLOCK = 2 << 10;

/** Blocks of words and, one in four, of bytes that do not compress. */
function poolOf(name: string): Buffer {
  const noise = createCipheriv('aes-256-ctr', createHash('sha256').update(name).digest(), Buffer.alloc(16));
  const random = numbersOf(`${name} words`);
  const words = Array.from({ length: 4096 }, () => Math.floor(random() * 36 ** 6).toString(36));
  const pool = Buffer.alloc(POOL);
  for (let at = 0; at < POOL; at += BLOCK) {
    if ((at / BLOCK) % 4 === 0) pool.set(noise.update(Buffer.alloc(BLOCK)), at);
    else
      for (let to = at; to < at + BLOCK; )
        to += pool.write(`${words[Math.floor(random() ** 2 * 4096)]} `, to, at + BLOCK - to) || BLOCK;
  }
  return pool;
}

/** Numbers from 0 to 1, the same for the same name (xorshift32). */
function numbersOf(name: string): () => number {
  let state = createHash('sha256').update(name).digest().readUInt32LE() || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
