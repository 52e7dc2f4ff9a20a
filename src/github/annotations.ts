import { isCancelled, PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { redactUrl } from '../lib/redact.ts';
import { cleanLines, commandLine, toStdout, type Write } from './commands.ts';
import { errorText } from './wording.ts';

/** What GitHub shows on the run's page: one line of title, and a text below the 4096 characters at which the runner cuts. */
export interface Annotation {
  readonly title: string;
  readonly message: string;
}

/** The runner keeps this many error annotations of a step. */
const MOST = 10;
const LONGEST = 4000;

/** One error in words, about an image's key or the whole run; what nobody foresaw is UNEXPECTED, with its stack and where to report it. */
export function annotationOf(error: unknown, about = 'pull-image', env = process.env): Annotation {
  if (!(error instanceof PullError)) return unexpected(error, env);
  return { title: `${clean(about, 200)} (${error.code})`, message: cut(cleanLines(errorText(error)), LONGEST) };
}

/** One error annotation for each failed image, but no more than 10: then the tenth says how many are left to the log. */
export function annotateFailures(
  outcome: { readonly images: readonly { readonly key: string; readonly error?: PullError | undefined }[] },
  write: Write = toStdout,
): void {
  const annotations = outcome.images.flatMap(({ key, error }) => (error ? [annotationOf(error, key)] : []));
  const shown = annotations.length > MOST ? annotations.slice(0, MOST - 1) : annotations;
  for (const { title, message } of shown) write(commandLine('error', message, title));
  const left = annotations.length - shown.length;
  if (left > 0)
    write(commandLine('error', `${left} more images failed; the log has a line for each.`, `${left} more images`));
}

/** The error a whole run ended with, as one annotation; a cancelled run is one plain line, for GitHub itself tells of the cancel. */
export function annotateCrash(error: unknown, write: Write = toStdout, env = process.env): void {
  const { title, message } = annotationOf(error, 'pull-image', env);
  write(isCancelled(error) ? 'pull-image: cancelled\n' : commandLine('error', message, title));
}

function unexpected(error: unknown, env: NodeJS.ProcessEnv): Annotation {
  const action = env.GITHUB_ACTION_REPOSITORY;
  const where = action
    ? `at ${env.GITHUB_SERVER_URL || 'https://github.com'}/${action}/issues`
    : "in the action's repository";
  const plea = clean(`This is a mistake in the action itself: please report it, with these lines, ${where}`);
  return {
    title: 'pull-image (UNEXPECTED)',
    message: `${cut(cleanLines(traceOf(error)), LONGEST - plea.length - 1)}\n${plea}`,
  };
}

/** The stack with its first cause; URLs lose what may be secret, since nobody chose these words. */
function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return `thrown: ${String(error)}`;
  const cause = error.cause instanceof Error ? `\ncaused by ${error.cause.name}: ${error.cause.message}` : '';
  return `${error.stack ?? error.message}${cause}`.replace(/https?:\/\/[^\s"')]+/g, (url) => redactUrl(url));
}

const cut = (text: string, limit: number): string => (text.length > limit ? `${text.slice(0, limit - 1)}…` : text);
