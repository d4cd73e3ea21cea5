import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { BodyBudget } from '../../src/http/bodyBudget.ts';
import { budgetedBody, type BudgetedBody } from '../../src/http/budgetedBody.ts';
import { until } from '../until.ts';
import { httpServer } from '../httpServer.ts';

const kb = 1024;
const max = 1000 * kb;

describe('a body within the budget', () => {
  let server: Server;
  let port: number;
  let budget: BodyBudget;
  let read: Promise<BudgetedBody>[];
  beforeEach(async () => {
    budget = new BodyBudget(200 * kb);
    read = [];
    server = httpServer((request, response) => {
      const body = budgetedBody(request, max, budget);
      read.push(body);
      body.then(
        () => response.end(),
        () => response.destroy(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  const post = (bytes: number, sent = bytes) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${bytes}\r\n\r\n`);
    socket.write(Buffer.alloc(sent, 32));
    return socket;
  };
  const isRead = async (no: number): Promise<boolean> => {
    await until(() => read[no] !== undefined);
    return Promise.race([read[no]?.then(() => true) ?? false, pause(200).then(() => false)]);
  };
  /** Waits until it is read. */
  const comesToBeRead = (no: number): Promise<boolean> => until(() => isRead(no));

  test('waits for the one before to be done with', async () => {
    const first = post(150 * kb);
    const second = post(150 * kb);
    expect([await comesToBeRead(0), await isRead(1)]).toEqual([true, false]);
    (await read[0])?.reservation.release();
    expect(await comesToBeRead(1)).toBe(true);
    expect((await read[1])?.bytes.length).toBe(150 * kb);
    first.destroy();
    second.destroy();
  });

  test('that comes slowly keeps nobody waiting: it takes its reservation when it is complete', async () => {
    const slow = post(150 * kb, kb);
    await until(() => read.length === 1);
    const other = post(150 * kb);
    expect(await comesToBeRead(1)).toBe(true);
    slow.write(Buffer.alloc(149 * kb, 32));
    expect(await isRead(0)).toBe(false);
    (await read[1])?.reservation.release();
    expect(await comesToBeRead(0)).toBe(true);
    slow.destroy();
    other.destroy();
  });

  test('whose client went away releases its reservation, also while it waits', async () => {
    const first = post(150 * kb);
    expect(await comesToBeRead(0)).toBe(true);
    const gone = post(150 * kb, kb);
    await until(() => read.length === 2);
    gone.destroy();
    await pause(50);
    const last = post(150 * kb);
    await until(() => read.length === 3);
    (await read[0])?.reservation.release();
    await expect(read[1]).rejects.toMatchObject({ status: 400 });
    expect(await comesToBeRead(2)).toBe(true);
    first.destroy();
    last.destroy();
  });
});
