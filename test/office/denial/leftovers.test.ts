import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Parameters, Task } from '@medplum/fhirtypes';
import { chartInfusion, openWorld, sent, type World } from '../../claim/world.ts';
import { raiseNoAnswer } from '../../../src/operation/worklist/noAnswer.ts';
import { eachStore } from '../../http/eachStore.ts';
import { AsAccount } from '../../smart/asAccount.ts';

describe.each(eachStore('office_leftovers'))('what an answer tells and closes, on %s', (_name, open) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(open);
  });
  afterAll(() => world.close());

  test('12.7 $state tells a token for claims alone nothing that an answer says', async () => {
    await chartInfusion(world, 'hidden');
    const [claim] = await world.claims('hidden', sent);
    await world.submit(claim, sent);
    const path = `Claim/${claim?.id ?? ''}/$state`;
    const server = new AsAccount(world.context);
    const account = {
      ...{ name: 'one', kind: 'user' as const, roles: ['biller'], users: ['Practitioner/one'] },
      practices: ['alder-street-clinic'],
    };
    const state = async (): Promise<[number, string | undefined, boolean]> => {
      const answer = await server.ask('one', 'get', path);
      const of = (answer.body as Parameters).parameter ?? [];
      const code = of.find((p) => p.name === 'state')?.valueCode;
      return [answer.status, code, of.some((p) => p.name === 'response')];
    };
    await server.is(account);
    expect(await state()).toEqual([200, 'denied', true]);
    await server.is(account, { scope: 'user/Claim.rs' });
    expect(await state()).toEqual([200, 'sent', false]);
    await server.is(account, { scope: 'user/Claim.rs user/ClaimResponse.rs' });
    expect(await state()).toEqual([200, 'denied', true]);
  });

  test('12.7 a Task no-answer is closed when the answer comes', async () => {
    await chartInfusion(world, 'asked');
    const [claim] = await world.claims('asked', sent);
    const name = `Claim/${claim?.id ?? ''}`;
    await world.context.store.transaction(async (tx) => {
      const call = { context: world.context, tx, on: sent };
      if (claim) await raiseNoAnswer(call, claim, { text: 'ask the payer', detail: 'A4:35' });
    });
    const status = async (): Promise<string[]> =>
      (await world.find<Task>(`Task?focus=${name}&code=no-answer`)).map((t) => t.status);
    expect(await status()).toEqual(['requested']);
    await world.submit(claim, sent);
    expect(await status()).toEqual(['completed']);
  });
});
