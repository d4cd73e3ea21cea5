import { expect, test } from '@jest/globals';
import { AsyncStates } from '../../src/http/asyncStates.ts';
import { testServer } from './server.ts';

test('an answer that is kept in parts comes back as it was, wherever a character of two halves lies', async () => {
  const { context } = await testServer();
  const states = new AsyncStates(context);
  const long = `${'x'.repeat(3_999_999)}😀${'y'.repeat(3_999_997)}😀😀`;
  for (const text of ['', 'é😀', long]) {
    const id = await states.begin();
    expect(await states.finish(id, new TextEncoder().encode(text))).toBe(true);
    const state = await states.read(id);
    if (!state) throw new Error('it is kept');
    expect(state.is).toBe('done');
    expect((await states.answer(id, state)) === text).toBe(true);
  }
});
