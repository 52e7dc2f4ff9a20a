import { Parser } from 'tar';

export interface TarEntry {
  readonly path: string;
  readonly size: number;
  readonly mode: number | undefined;
  readonly bytes: Buffer;
}

/** The entries of a tar, in order; rejects what a strict reader would not take. */
export async function tarEntries(tar: Uint8Array): Promise<readonly TarEntry[]> {
  const entries: TarEntry[] = [];
  await new Promise<void>((resolve, reject) => {
    const parser = new Parser({
      strict: true,
      onReadEntry(entry) {
        const parts: Buffer[] = [];
        entry.on('data', (part: Buffer) => parts.push(part));
        entry.on('end', () =>
          entries.push({ path: entry.path, size: entry.size, mode: entry.mode, bytes: Buffer.concat(parts) }),
        );
      },
    });
    parser.on('end', () => resolve());
    parser.on('error', reject);
    parser.end(Buffer.from(tar));
  });
  return entries;
}
