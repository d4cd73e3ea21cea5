import type { Gateway, Outbox, QuestionBox } from './gateway.ts';

/**
 * Claims to payers by X12 interchanges. They leave in batches, so that `send` ends when the claim is kept for one; what
 * the partner says comes with 999, TA1, 277CA and 835. There are no interchanges for pharmacy claims.
 */
export const x12Gateway = (outbox: Outbox, questions: QuestionBox): Gateway => ({
  honoursAnsweredOn: false,
  claimTypes: ['institutional', 'oral', 'professional'],
  send: (transmission) => outbox.take(transmission),
  inquire: (id) => outbox.ask(id),
  askEligibility: (question) => questions.take(question),
  find: async (id) => ((await outbox.has(id)) ? { is: 'awaited' } : { is: 'absent' }),
});
