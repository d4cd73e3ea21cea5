import { TransportFault } from './transport.ts';

/** Waits for a step for so long; what takes longer is ended and a fault. */
export async function inTime<T>(work: Promise<T>, milliseconds: number, end: () => void): Promise<T> {
  let late: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    late = setTimeout(() => {
      reject(new TransportFault('too-slow', 'the partner did not answer in time'));
      end();
    }, milliseconds);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(late);
    work.catch(() => undefined);
  }
}
