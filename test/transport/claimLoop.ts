import type { ClaimLoop } from '../../src/operation/operation.ts';
import { segment } from '../../src/x12/segment.ts';
import { X12WriteError } from '../../src/x12/writeError.ts';

/** The least of a claim as an 837: enough for the exchange, which looks at its numbers and levels only. */
export const leastLoop: ClaimLoop = (_context, { controlNumber, claim }) => {
  if (claim.item === undefined) throw new X12WriteError('The claim has no lines.');
  const loop = (id: string, ...segments: readonly ReturnType<typeof segment>[]) => ({
    id,
    segments,
    loops: [],
  });
  return Promise.resolve({
    id: '2000A',
    segments: [segment('HL', ['1', '', '20', '1'])],
    loops: [
      loop('2010AA', segment('NM1', ['85', '2', 'CLINIC', '', '', '', '', 'XX', '1234567893'])),
      {
        id: '2000B',
        segments: [segment('HL', ['2', '1', '22', '0']), segment('SBR', ['P', '18'])],
        loops: [
          loop('2010BA', segment('NM1', ['IL', '1', 'DOE', 'JANE', '', '', '', 'MI', 'W1'])),
          loop('2010BB', segment('NM1', ['PR', '2', 'PAYER', '', '', '', '', 'PI', 'OWN'])),
          loop('2300', segment('CLM', [controlNumber, '100', '', '', ['11', 'B', '1'], 'Y', 'A', 'Y', 'Y'])),
        ],
      },
    ],
  });
};
