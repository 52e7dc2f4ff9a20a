import { describe, expect, test } from '@jest/globals';
import { loadFailure } from '../../src/engine/load-stream.ts';

const line = (value: object) => `${JSON.stringify(value)}\r\n`;

describe('what a load is answered with', () => {
  test.each<[string, string, string | undefined]>([
    ['nothing', '', undefined],
    ['the name of the image', line({ stream: 'Loaded image: redis:7\n' }), undefined],
    ['progress', line({ status: 'Loading layer', progressDetail: { current: 1, total: 2 }, id: 'abc' }), undefined],
    ['an error', line({ errorDetail: { message: 'invalid diffID' }, error: 'invalid diffID' }), 'invalid diffID'],
    [
      'an error behind progress',
      line({ status: 'Loading layer' }) + line({ error: 'no space left on device' }),
      'no space left on device',
    ],
    ['only the detail of an error', line({ errorDetail: { code: 1, message: 'unexpected EOF' } }), 'unexpected EOF'],
    [
      'an unpack failure among good news',
      line({ stream: 'Loaded image: a:1\n' }) + line({ stream: 'Error unpacking image a:1: wrong diff id\n' }),
      'Error unpacking image a:1: wrong diff id',
    ],
    [
      'an unpack failure in one message with good news',
      line({ stream: 'Loaded image: a:1\nError unpacking image a:1: wrong diff id\n' }),
      'Error unpacking image a:1: wrong diff id',
    ],
    ['an unpack failure as a status', line({ status: 'Error unpacking image a:1: x' }), 'Error unpacking image a:1: x'],
    ['an unpack failure without JSON', 'Error unpacking image a:1: x\n', 'Error unpacking image a:1: x'],
    ['any error without JSON', 'error: the daemon is shutting down\n', 'error: the daemon is shutting down'],
    ['other words without JSON', 'Loaded image: error:1\n', undefined],
    ['an image with error in its name', line({ stream: 'Loaded image: error/unpacking:1\n' }), undefined],
    ['JSON that is no message', '[]\n1\nnull\n"error"\n', undefined],
    ['an error that is no text', line({ error: { a: 1 } }), 'no reason given'],
    ['an empty error', line({ error: '' }), undefined],
  ])('%s', (_, body, expected) => {
    expect(loadFailure(body)).toBe(expected);
  });
});
