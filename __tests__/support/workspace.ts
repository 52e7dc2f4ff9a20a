import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A folder with these files, by their paths in it. */
export async function workspaceWith(
  files: Readonly<Record<string, string>>,
): Promise<{ readonly folder: string; dispose(): Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pull-image-workspace-'));
  await writeFiles(folder, files);
  return { folder, dispose: () => rm(folder, { recursive: true, force: true }) };
}

/** Writes files into a folder, by their paths in it. */
export async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
}
