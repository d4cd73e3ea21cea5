import { postBundle } from '../generate/bundle.ts';
import { record } from '../generate/record.ts';
import { measure } from '../measure.ts';
import type { Row } from './row.ts';

const size = 17;
const left = new Set(['obs0', 'obs1', 'obs2']); // nothing refers to them
const bundles = Array.from({ length: 50 }, (_, no) =>
  postBundle(record(no).filter(({ id }) => !left.has(id.split('-')[1] ?? ''))),
);

/** Transactions that create a patient with what happened to them. */
export const transactions: Row = {
  name: 'transactions',
  what: `transactions of ${size} resources that refer to each other, a resource`,
  hapi: '1,036/s, 1.6 ms',
  medplum: '217/s, 6.7 ms (not atomic)',
  betterCpu: 1.6,
  goalCpu: 0.3,
  run: (server, load) =>
    measure(server, load, () => async (ask, turn) => {
      await ask('POST', '', bundles[turn % bundles.length]);
      return size;
    }),
};
