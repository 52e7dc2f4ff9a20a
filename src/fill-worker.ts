import { parentPort } from 'node:worker_threads';
import { rangeBringer } from './registry/transport/range-bring.ts';
import { fillThread } from './store/fill-thread.ts';

// A thread of the store's, whose bytes the registry's code brings.
const hear = fillThread(rangeBringer(), (message, transfer = []) => parentPort?.postMessage(message, [...transfer]));
parentPort?.on('message', hear);
