import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';

const root = path.resolve(import.meta.dirname, '..');
const folder = path.join(root, '.github/workflows');
const names = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Workflow {
  readonly permissions?: unknown;
  readonly jobs: Readonly<
    Record<
      string,
      { readonly steps: readonly Step[]; readonly 'timeout-minutes'?: number; readonly permissions?: unknown }
    >
  >;
}

test('there are workflows', () => {
  expect(names).toEqual(expect.arrayContaining(['ci.yml', 'e2e.yml', 'release.yml']));
});

const lint = (...files: string[]) =>
  spawnSync(process.execPath, ['scripts/lint-workflows.js', ...files], { cwd: root, encoding: 'utf8' });

test('actionlint and the language service of GitHub have nothing to say of workflows and action', () => {
  const { status, stderr } = lint();
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('what is wrong in an action is found', () => {
  const wrong = path.join(mkdtempSync(path.join(tmpdir(), 'lint-')), 'action.yml');
  writeFileSync(wrong, readFileSync(path.join(root, 'action.yml'), 'utf8').replace('node24', 'node7'));
  const { status, stderr } = lint(wrong);
  rmSync(path.dirname(wrong), { recursive: true });
  expect(status).toBe(1);
  expect(stderr).toContain("Unexpected value 'node7'");
});

test('the forms of an issue are valid YAML with the keys GitHub needs', () => {
  const forms = path.join(root, '.github/ISSUE_TEMPLATE');
  for (const name of readdirSync(forms).filter((each) => each !== 'config.yml')) {
    const form = parse(readFileSync(path.join(forms, name), 'utf8'));
    expect(Object.keys(form)).toEqual(expect.arrayContaining(['name', 'description', 'body']));
    const ids = form.body.map(({ id }: { id: string }) => id);
    expect(new Set(ids).size).toBe(form.body.length);
  }
});

describe.each(names)('.github/workflows/%s', (name) => {
  const text = readFileSync(path.join(folder, name), 'utf8');
  const workflow: Workflow = parse(text);
  const jobs = Object.entries(workflow.jobs);
  const steps = jobs.flatMap(([, job]) => job.steps);

  test('may read the repository and nothing else, but for the job that publishes', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    const more = jobs
      .filter(([, job]) => job.permissions !== undefined)
      .map(([title, job]) => [title, job.permissions]);
    const publishing = ['publish', { contents: 'write', 'id-token': 'write', attestations: 'write' }];
    expect(more).toEqual(name === 'release.yml' ? [publishing] : []);
  });

  test('pins every action of others to a commit, and says which version that is', () => {
    const uses = text.split('\n').filter((line) => /^\s*(- )?uses:/.test(line));
    expect(uses).toHaveLength(steps.filter((step) => step.uses).length);
    const others = uses.filter((line) => !/uses: \.\//.test(line));
    expect(others.filter((line) => !/uses: [\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*$/.test(line))).toEqual([]);
  });

  test('names only local actions and scripts that are there', () => {
    const local = steps.flatMap(({ uses }) => (uses?.startsWith('./') ? [uses] : []));
    expect(local.filter((action) => !existsSync(path.join(root, action, 'action.yml')))).toEqual([]);
    const scripts = steps.flatMap(({ run = '' }) =>
      [...run.matchAll(/(?:^|\s)(?:bash\s+)?(\.ci\/[\w-]+)/g)].map((match) => match[1] ?? ''),
    );
    expect(scripts.filter((script) => !existsSync(path.join(root, script)))).toEqual([]);
  });

  test('has no expression in a script, where it would be run as text from anywhere', () => {
    expect(steps.filter(({ run = '' }) => run.includes('${{'))).toEqual([]);
  });

  test('ends by itself', () => {
    expect(jobs.filter(([, job]) => !job['timeout-minutes'])).toEqual([]);
  });

  test('leaves no credentials in a checkout', () => {
    const checkouts = steps.filter(({ uses = '' }) => uses.startsWith('actions/checkout@'));
    expect(checkouts.filter((step) => step.with?.['persist-credentials'] !== false)).toEqual([]);
  });
});
