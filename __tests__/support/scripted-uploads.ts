import type { Recorded, Script } from './scripted-server.ts';

/** What is asked to begin an upload. */
export const BEGIN = 'POST /v2/acme/app/blobs/uploads/';

type Answers = Readonly<Record<string, Script>>;

/** Answers by `METHOD path`, without the query; whatever is not in the table is a 404. */
export function answering(answers: Answers): Script {
  return (request, response) => {
    const script = answers[`${request.method} ${request.path.split('?')[0]}`];
    if (script) return script(request, response);
    response.writeHead(404).end();
  };
}

/** A status, with headers. */
export const answer =
  (status: number, headers: Record<string, string> = {}): Script =>
  (_, response) =>
    void response.writeHead(status, headers).end();
/** One after the other, the last one for ever. */
export const inTurn = (...scripts: readonly Script[]): Script => {
  let turn = 0;
  return (request, response) => {
    const script = scripts[Math.min(turn, scripts.length - 1)];
    turn += 1;
    return script?.(request, response);
  };
};
/** What was sent, as lines: method, place, the range of a chunk, and its length. */
export const sizes = (requests: readonly Recorded[]) =>
  requests
    .filter(({ method }) => method === 'PATCH' || method === 'PUT')
    .map(({ method, path, headers }) =>
      [method, path, headers['content-range'], headers['content-length']].filter((it) => it !== undefined).join(' '),
    );
