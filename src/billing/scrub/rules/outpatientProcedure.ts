import { unless, type ScrubRule } from '../rule.ts';

/** On a hospital's outpatient bill most departments bill by HCPCS code; drugs, supplies and rooms without one are excepted. */
export const outpatientProcedure: ScrubRule = {
  id: 'outpatient-procedure',
  source: 'billing rule 37; Medicare Claims Processing Manual chapter 4, 20.1',
  carc: '199',
  cure: 'Give the line of the charge master its HCPCS code.',
  severity: 'error',
  check: ({ lines, bill }) =>
    lines.flatMap(({ at, code, revenue }) =>
      unless(
        !/^(13|14|85)$/.test(bill?.kind ?? '') ||
          code !== undefined ||
          revenue === undefined ||
          excepted.test(revenue),
        `${at}.productOrService`,
        'this department bills by HCPCS code on an outpatient bill',
      ),
    ),
};

const excepted = /^(025|026|027|037|062|071|076)\d$/;
