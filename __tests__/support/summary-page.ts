import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import markdownIt from 'markdown-it';

const run = promisify(execFile);
const WIDTH = 1012;

/** What a browser made of a summary. */
export interface Page {
  readonly rows: number;
  readonly tables: number;
  /** Elements that the summary's own Markdown never makes. */
  readonly strangers: readonly string[];
  /** True if something is wider than the page and would have to be scrolled to. */
  readonly overflows: boolean;
  readonly text: string;
}

/** A summary as GitHub shows it, read back from headless Chromium at the width of a run's page; with `picture`, a screenshot goes there. */
export async function showSummary(markdown: string, picture?: string): Promise<Page> {
  const folder = await mkdtemp(path.join(tmpdir(), 'summary-page-'));
  try {
    const file = path.join(folder, 'page.html');
    await writeFile(file, await pageOf(markdown));
    const dom = await chromium(folder, ['--dump-dom', `file://${file}`]);
    const page: Page = JSON.parse(decoded(/<script id="facts"[^>]*>(.*?)<\/script>/s.exec(dom)?.[1] ?? ''));
    if (picture) {
      const height = Number(/data-height="(\d+)"/.exec(dom)?.[1]) + 32;
      const size = `--window-size=${WIDTH},${height}`;
      await chromium(folder, [size, `--screenshot=${picture}`, `file://${file}`]);
    }
    return page;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function chromium(folder: string, args: readonly string[]): Promise<string> {
  const quiet = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--hide-scrollbars',
    `--user-data-dir=${folder}/profile`,
  ];
  const offline = ['--host-resolver-rules=MAP * ~NOTFOUND', '--disable-background-networking', '--disable-sync'];
  const { stdout } = await run('chromium', [...quiet, ...offline, `--window-size=${WIDTH},800`, ...args], {
    timeout: 60_000,
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  return stdout;
}

async function pageOf(markdown: string): Promise<string> {
  const css = await readFile(
    createRequire(import.meta.url).resolve('github-markdown-css/github-markdown-light.css'),
    'utf8',
  );
  // GitHub renders HTML in a summary too; whatever of it a summary lets through must be seen.
  const body = markdownIt({ html: true, linkify: true }).render(markdown);
  return `<!doctype html><meta charset="utf-8"><style>${css} body { margin: 16px; } </style>
<article class="markdown-body">${body}</article><script>${MEASURE}</script>`;
}

/** Runs in the page: what is in it, as JSON in an element of its own. */
const MEASURE = `
const article = document.querySelector('article');
const known = new Set(['H3', 'P', 'STRONG', 'UL', 'LI', 'TABLE', 'THEAD', 'TBODY', 'TR', 'TH', 'TD', 'CODE']);
const all = [...article.querySelectorAll('*')];
const facts = {
  rows: article.querySelectorAll('tbody tr').length,
  tables: article.querySelectorAll('table').length,
  strangers: all.map((it) => it.tagName).filter((name) => !known.has(name)),
  overflows: all.some((it) => it.scrollWidth > it.clientWidth + 1 && it.clientWidth > 0 && it.tagName !== 'CODE'),
  text: article.innerText,
};
const out = document.createElement('script');
out.id = 'facts';
out.type = 'application/json';
out.textContent = encodeURIComponent(JSON.stringify(facts));
document.body.append(out);
document.body.dataset.height = Math.ceil(article.getBoundingClientRect().height);
`;

const decoded = (text: string): string => decodeURIComponent(text) || '{}';
