import { describe, expect, test } from '@jest/globals';
import { codeOfIssue } from '../../src/outcome/issue.ts';
import { FhirError } from '../../src/outcome/fhirError.ts';
import { Accounts } from '../../src/http/smart/accounts.ts';
import { isPassword } from '../../src/http/smart/passwordHash.ts';
import { recordAdapter } from '../../src/http/smart/recordAdapter.ts';
import { sessionsOf } from '../../src/http/smart/storeSecret.ts';
import { makeDue, makeSome } from '../../src/operation/audit/makeEvents.ts';
import { auditIdOf } from '../../src/interaction/audit/auditId.ts';
import { textOfLine } from '../../src/store/audit.ts';
import type { Store } from '../../src/store/store.ts';
import { testContext } from '../context.ts';
import { eachStore } from '../http/eachStore.ts';
import { password } from './browser.ts';

const now = (): string => new Date().toISOString();
const done = (): Promise<void> => Promise.resolve();
const access = (n: number): string =>
  JSON.stringify({ t: Date.now(), r: `r-${n}`, u: 'biller', m: 'GET', p: `/Claim/c${n}`, s: 200 });

describe.each(eachStore('review'))('what a review found, on %s', (_, open) => {
  const sessions = (store: Store) =>
    recordAdapter({ records: store.records, now, revoked: done, tell: done, address: () => undefined })(
      'Session',
    );
  const session = { uid: 'u', accountId: 'ann', loginTs: 1 };

  test.each([
    ['is destroyed', (store: Store) => sessions(store).destroy('s')],
    ['ends with all of its account', (store: Store) => store.records.removeGrant(sessionsOf('ann'))],
  ])('D.4 a session that %s does not come back by a request that was under way', async (_what, end) => {
    const store = await open();
    const adapter = sessions(store);
    await adapter.upsert('s', session, 3600);
    expect(await adapter.find('s')).toBeDefined();
    await end(store);
    await adapter.upsert('s', { ...session, loginTs: 2 }, 3600);
    expect([await adapter.find('s'), await adapter.findByUid('u')]).toEqual([undefined, undefined]);
    await store.close();
  });

  test('D.4 neighbour: one that lives is saved, also by two requests at once, and a new one begins', async () => {
    const store = await open();
    const adapter = sessions(store);
    await adapter.upsert('s', session, 3600);
    await adapter.find('s');
    await Promise.all([2, 3].map((loginTs) => adapter.upsert('s', { ...session, loginTs }, 3600)));
    expect([2, 3]).toContain((await adapter.find('s'))?.loginTs);
    await adapter.upsert('other', { ...session, uid: 'v' }, 3600);
    expect(await adapter.findByUid('v')).toBeDefined();
    await store.close();
  });

  test('D.5 events that cannot be made are said once, not with each try', async () => {
    const context = await testContext({ store: await open() });
    const { store } = context;
    await store.audit.append([access(0)]);
    const [place] = await store.audit.chains();
    const chain = place?.chain ?? '';
    const said = async (): Promise<number> => {
      const blocks = await store.audit.blocks({ chain, seq: 0 }, 1000);
      return blocks.flatMap(({ lines }) => lines).filter((line) => textOfLine(line).includes('"k":"made"'))
        .length;
    };
    const id = auditIdOf(chain, 1);
    const { audit } = store;
    const put = store.transaction.bind(store);
    store.transaction = () => Promise.reject(new Error('the disk is full'));
    for (let i = 0; i < 3; i++) await expect(makeSome(context)).rejects.toThrow('the disk is full');
    expect(await said()).toBe(1);
    await audit.append([access(1)]);
    await expect(makeSome(context)).rejects.toThrow('the disk is full');
    store.transaction = put;
    expect(await said()).toBe(1);
    await makeDue(context);
    expect(await store.read('AuditEvent', id)).toBeDefined();
    await store.close();
  });

  test('D.5 a search for AuditEvents does not make a backlog in one request: 503, and a repeat goes on', async () => {
    const context = await testContext({ store: await open() });
    const { store } = context;
    for (let block = 0; block < 6; block++)
      await store.audit.append(Array.from({ length: 30 }, (_none, i) => access(block * 30 + i)));
    let refused = 0;
    for (;;) {
      const error = await makeDue(context, 0).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (error === undefined) break;
      if (!(error instanceof FhirError)) throw new Error('something else', { cause: error });
      expect([error.status, error.issue.map(codeOfIssue)]).toEqual([503, ['audit-in-the-making']]);
      refused += 1;
    }
    expect(refused).toBeGreaterThan(1);
    expect(refused).toBeLessThan(10);
    const events = await store.search({
      ...{
        type: 'AuditEvent',
        filters: [],
        sort: [],
        count: 0,
        total: 'accurate',
        include: [],
        revinclude: [],
      },
    });
    expect(events.total).toBe(180);
    await store.close();
  });
});

test('D.4 a password that was not checked because the server was busy is no try', async () => {
  const context = await testContext();
  const accounts = new Accounts({ records: context.store.records, now });
  const { id } = await accounts.add({ name: 'ann', roles: ['biller'], users: [] });
  await accounts.setPassword(id, password);
  const slow = `argon2id$8192$6$1$${'a'.repeat(22)}$${'a'.repeat(43)}`;
  const others = Array.from({ length: 60 }, () => isPassword(slow, 'x').catch(() => false));
  const tries = await Promise.allSettled(Array.from({ length: 12 }, () => accounts.signIn('ann', 'wrong')));
  expect(tries.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(5);
  await Promise.all(others);
  expect((await accounts.signIn('ann', password)).is).toBe('account');
  await context.store.close();
});
