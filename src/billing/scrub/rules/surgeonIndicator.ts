import { linesWithFees } from '../fees.ts';
import { fault, type Fault, type ScrubRule } from '../rule.ts';

/** Assistants, co-surgeons and teams are paid where the fee schedule says so. */
export const surgeonIndicator: ScrubRule = {
  id: 'surgeon-indicator',
  source:
    'billing rule 30; Medicare physician fee schedule, assistant, co-surgeon and team indicators, as loaded',
  carc: '54',
  cure: 'Take the modifier out, or send documentation where the payer asks for it.',
  severity: 'error',
  check: (claim) =>
    linesWithFees(claim).flatMap(({ line, fees }) =>
      line.modifiers.flatMap((m, i) => {
        const at = `${line.at}.modifier[${i}]`;
        if (/^(80|81|82|AS)$/.test(m)) return judged(at, 'an assistant', assistants[fees.assistant]);
        if (m === '62') return judged(at, 'two surgeons', others[fees.coSurgeons]);
        return m === '66' ? judged(at, 'a team', others[fees.team]) : [];
      }),
    ),
};

type Paid = 'never' | 'documented';
/** Of an assistant 0 is paid with documentation and 1 never; of co-surgeons and teams the other way round. 2 is paid. */
const assistants: Readonly<Record<string, Paid>> = { '0': 'documented', '1': 'never', '9': 'never' };
const others: Readonly<Record<string, Paid>> = { '0': 'never', '1': 'documented', '9': 'never' };

function judged(at: string, who: string, paid: Paid | undefined): Fault[] {
  if (paid === undefined) return [];
  return paid === 'never'
    ? [fault(at, `this service is not paid for ${who}`)]
    : [fault(at, `this service is paid for ${who} with documentation only`, 'warning')];
}
