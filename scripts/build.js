// Bundles each entry into dist/: TypeScript emits to build/, ncc bundles what was emitted (it cannot read TypeScript 7 itself).
// `node scripts/build.js DIR` writes to DIR instead of dist/, for the test that compares the two.
import { execFileSync } from 'node:child_process';
import { renameSync, rmSync } from 'node:fs';
import path from 'node:path';

// What lies in src/ under the first name becomes dist/ under the second.
const ENTRIES = {
  main: 'main',
  post: 'post',
  cli: 'cli',
  serve: 'serve',
  'cache-child': 'cache',
  'push-main': 'push',
  'fill-worker': 'fill',
};
const root = path.dirname(import.meta.dirname);
const out = path.resolve(root, process.argv[2] ?? 'dist');
const bin = (name) => path.join(root, 'node_modules', '.bin', name);
const run = (file, ...args) => execFileSync(file, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });

rmSync(path.join(root, 'build'), { recursive: true, force: true });
execFileSync(bin('tsc'), { cwd: root, stdio: 'inherit' });
for (const [entry, name] of Object.entries(ENTRIES)) {
  const folder = path.join(out, name);
  // Made beside the old one, which is there to be run until the new one is complete.
  const fresh = `${folder}.new`;
  rmSync(fresh, { recursive: true, force: true });
  // The same relative path each time, or the bundle would name the machine it was made on.
  run(bin('ncc'), 'build', `build/${entry}.js`, '-o', fresh, '-q', '--target', 'es2023', '--license', 'licenses.txt');
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
}
