import { execFile } from 'node:child_process';
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { data, Evaluator, Lexer, Parser } from '@actions/expressions';
import { parse } from 'yaml';
import { newRunner, type Runner, type StepResult } from './runner.ts';

const run = promisify(execFile);

interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

interface Job {
  readonly needs?: string | readonly string[];
  readonly outputs?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly unknown[]>> };
  readonly steps: readonly Step[];
}

export interface WorkflowOptions {
  /** Inputs of the action set for every step, over what the step says: where a test has its registry. */
  readonly inputs: Readonly<Record<string, string>>;
  /** A folder that a checkout brings; its files are copied into the workspace. */
  readonly checkout?: string;
  /** The variables of the repository; it has no secrets. */
  readonly vars?: Readonly<Record<string, string>>;
  /** More of the environment of the action's steps. */
  readonly environment?: Readonly<Record<string, string>>;
  /** True for scripts that are left out, since a test has no programs for them. */
  readonly leaveOut: (script: string) => boolean;
  /** The runner of a job, made anew unless given: jobs on one self-hosted runner share one. */
  readonly runner?: Runner;
}

/** A step of the action that was run, and what it came to. */
export interface Done {
  readonly inputs: Readonly<Record<string, string>>;
  readonly result: StepResult;
}

export interface WorkflowRun {
  readonly actions: readonly Done[];
  /** What the scripts printed, in order. */
  readonly output: string;
  /** Scripts that were left out. */
  readonly left: readonly string[];
}

/** Runs a workflow's jobs as GitHub would, one after another: needs, matrix, expressions, outputs; throws if a step of the action or a script fails. */
export async function runWorkflow(text: string, options: WorkflowOptions): Promise<WorkflowRun> {
  const jobs: Record<string, Job> = parse(text).jobs;
  const needs: Record<string, { outputs: Record<string, string> }> = {};
  const done = { actions: [] as Done[], output: '', left: [] as string[] };
  // Written in an order in which each job stands behind those it needs.
  for (const [name, job] of Object.entries(jobs)) {
    for (const matrix of legsOf(job)) {
      const runner = options.runner ?? (await newRunner());
      try {
        const steps = await runSteps(job, { runner, contexts: { needs, matrix }, options, done });
        const outputs = Object.entries(job.outputs ?? {}).map(([key, value]) => [key, evaluated(value, steps)]);
        needs[name] = { outputs: Object.fromEntries(outputs) };
      } finally {
        if (runner !== options.runner) await runner.dispose();
      }
    }
  }
  return done;
}

/** One leg for each value of the one dimension a matrix has here. */
function legsOf({ strategy }: Job): readonly Record<string, unknown>[] {
  const [dimension] = Object.entries(strategy?.matrix ?? {});
  return dimension ? dimension[1].map((value) => ({ [dimension[0]]: value })) : [{}];
}

interface Running {
  readonly runner: Runner;
  readonly contexts: Readonly<Record<string, unknown>>;
  readonly options: WorkflowOptions;
  readonly done: { readonly actions: Done[]; output: string; readonly left: string[] };
}

async function runSteps(job: Job, { runner, contexts, options, done }: Running): Promise<object> {
  const all = { ...contexts, steps: {} as Record<string, unknown>, secrets: {}, vars: options.vars ?? {}, github: {} };
  const posts: StepResult[] = [];
  const workspace = path.join(runner.folder, 'workspace');
  for (const step of job.steps) {
    if (step.uses?.startsWith('actions/checkout@')) {
      if (options.checkout) await cp(options.checkout, workspace, { recursive: true });
    } else if (step.uses?.includes('/pull-image@')) {
      const inputs = { ...allEvaluated(step.with ?? {}, all), ...options.inputs };
      const result = await runner.run(inputs, options.environment);
      if (result.code !== 0) throw new Error(result.stdout + result.stderr);
      done.actions.push({ inputs, result });
      posts.unshift(result);
      if (step.id) all.steps[step.id] = { outputs: result.outputs };
    } else if (step.run !== undefined && !options.leaveOut(step.run)) {
      const environment = { ...process.env, ...allEvaluated(step.env ?? {}, all) };
      const script = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', evaluated(step.run, all)];
      const { stdout } = await run('bash', script, { cwd: workspace, env: environment });
      done.output += stdout;
    } else done.left.push(step.run ?? step.uses ?? '');
  }
  for (const result of posts) await runner.post(result, options.environment);
  return all;
}

const allEvaluated = (texts: Readonly<Record<string, unknown>>, contexts: object): Record<string, string> =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, evaluated(String(text), contexts)]));

/** The text with each expression replaced by what it comes to. */
function evaluated(text: string, contexts: object): string {
  return text.replace(/\$\{\{(.*?)\}\}/g, (_, expression: string) => {
    const { tokens } = new Lexer(expression.trim()).lex();
    const tree = new Parser(tokens, Object.keys(contexts), []).parse();
    const known = JSON.parse(JSON.stringify(contexts), data.reviver) as data.Dictionary;
    return new Evaluator(tree, known).evaluate().coerceString();
  });
}
