import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';

const project = path.resolve(import.meta.dirname, '../..');

export interface StepResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly outputs: Record<string, string>;
  readonly state: Record<string, string>;
  readonly summary: string;
  /** The `::error` commands, unescaped. */
  readonly errors: readonly { readonly title: string; readonly message: string }[];
}

export interface Step {
  readonly process: ChildProcess;
  readonly done: Promise<StepResult>;
}

/** A runner's folders: temp, tool cache, workspace, home. Steps of one runner share them. */
export interface Runner {
  readonly folder: string;
  /** Starts the action as `action.yml` says, in a process of its own, with the defaults of the inputs that are not given. */
  start(inputs: Readonly<Record<string, string>>, environment?: Readonly<Record<string, string>>): Promise<Step>;
  run(inputs: Readonly<Record<string, string>>, environment?: Readonly<Record<string, string>>): Promise<StepResult>;
  /** The end of the job for a step that ran before: the action's post, with the state that step left. */
  post(step: StepResult, environment?: Readonly<Record<string, string>>): Promise<StepResult>;
  dispose(): Promise<void>;
}

/** `name` is the folder of a sub-action; the action itself without it. */
export async function newRunner(name = ''): Promise<Runner> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pull-image-runner-'));
  const action = parse(await readFile(path.join(project, name, 'action.yml'), 'utf8'));
  for (const name of ['temp', 'tools', 'workspace', 'home']) await mkdir(path.join(folder, name));
  let steps = 0;

  async function spawned(entry: string, variables: Readonly<Record<string, string>>): Promise<Step> {
    steps += 1;
    const commands = path.join(folder, 'temp', `commands-${steps}`);
    await mkdir(commands);
    const files: Record<string, string> = {};
    for (const name of ['OUTPUT', 'STATE', 'ENV', 'PATH', 'STEP_SUMMARY']) {
      files[`GITHUB_${name}`] = path.join(commands, name);
      await writeFile(path.join(commands, name), '');
    }
    const child = spawn(process.execPath, [path.join(project, name, entry)], {
      cwd: path.join(folder, 'workspace'),
      env: {
        PATH: process.env.PATH ?? '',
        ...(process.env.DOCKER_HOST ? { DOCKER_HOST: process.env.DOCKER_HOST } : {}),
        HOME: path.join(folder, 'home'),
        RUNNER_TEMP: path.join(folder, 'temp'),
        RUNNER_TOOL_CACHE: path.join(folder, 'tools'),
        RUNNER_OS: 'Linux',
        RUNNER_ARCH: 'X64',
        GITHUB_WORKSPACE: path.join(folder, 'workspace'),
        GITHUB_ACTIONS: 'true',
        GITHUB_SERVER_URL: 'https://github.com',
        GITHUB_RUN_ID: '1',
        CI: 'true',
        ...files,
        ...variables,
      },
    });
    return { process: child, done: finished(child, files) };
  }

  const start: Runner['start'] = (inputs, environment) =>
    spawned(action.runs.main, { ...inputVariables(action.inputs, inputs), ...environment });

  return {
    folder,
    start,
    run: async (inputs, environment) => (await start(inputs, environment)).done,
    async post({ state }, environment) {
      const variables = Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value]));
      return (await spawned(action.runs.post, { ...variables, ...environment })).done;
    },
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The runner sets every declared input, and leaves expressions to be evaluated: here they come to nothing. */
function inputVariables(
  declared: Record<string, { default?: string }>,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  for (const name of Object.keys(given)) if (!(name in declared)) throw new Error(`action.yml has no input ${name}`);
  return Object.fromEntries(
    Object.entries(declared).map(([name, input]) => {
      const fallback = String(input.default ?? '');
      return [
        `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
        given[name] ?? (fallback.startsWith('${{') ? '' : fallback),
      ];
    }),
  );
}

async function finished(child: ChildProcess, files: Record<string, string>): Promise<StepResult> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve([code, signal]));
  });
  const outputs = fileCommands(await readFile(files.GITHUB_OUTPUT ?? '', 'utf8'));
  const state = fileCommands(await readFile(files.GITHUB_STATE ?? '', 'utf8'));
  const summary = await readFile(files.GITHUB_STEP_SUMMARY ?? '', 'utf8');
  return { code, signal, stdout, stderr, outputs, state, summary, errors: errorsOf(stdout) };
}

/** `name<<delimiter`, value, delimiter; or `name=value`. */
function fileCommands(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const heredoc = /^(?<name>[^=]+?)<<(?<delimiter>.+)$/.exec(line)?.groups;
    if (heredoc) {
      const end = lines.indexOf(heredoc.delimiter ?? '', at + 1);
      found[heredoc.name ?? ''] = lines.slice(at + 1, end).join('\n');
      at = end;
    } else if (line.includes('=')) {
      found[line.slice(0, line.indexOf('='))] = line.slice(line.indexOf('=') + 1);
    }
  }
  return found;
}

const unescaped = (text: string): string =>
  text
    .replaceAll('%0A', '\n')
    .replaceAll('%0D', '\r')
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%25', '%');

function errorsOf(stdout: string): StepResult['errors'] {
  return stdout.split('\n').flatMap((line) => {
    const found = /^::error(?: title=(?<title>[^:]*))?::(?<message>.*)$/.exec(line)?.groups;
    return found ? [{ title: unescaped(found.title ?? ''), message: unescaped(found.message ?? '') }] : [];
  });
}
