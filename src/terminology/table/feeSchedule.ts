import { isService, type Layout, type RowValue } from './layout.ts';

/**
 * What the relative value file of the Medicare physician fee schedule says of a service besides its price: global days
 * and who may do it how. The file holds CPT codes and is never shipped.
 * Layout: https://www.cms.gov/medicare/payment/fee-schedules/physician/pfs-relative-value-files
 */
export interface FeeRules {
  readonly modifier: string; // of the row: none, 26, TC or 53
  readonly status: string; // A active, B bundled, I not valid for Medicare, N not covered, P bundled, X excluded …
  readonly components: string; // PC/TC indicator: 1 may be split
  readonly globalDays: string; // 000, 010, 090, MMM, XXX, YYY, ZZZ
  readonly bilateral: string;
  readonly assistant: string;
  readonly coSurgeons: string;
  readonly team: string;
}

export function feeRules(row: RowValue): FeeRules | undefined {
  const [modifier, status, components, globalDays, bilateral, assistant, coSurgeons, team] = row.map(String);
  return team === undefined ||
    coSurgeons === undefined ||
    assistant === undefined ||
    bilateral === undefined ||
    globalDays === undefined ||
    components === undefined ||
    status === undefined ||
    modifier === undefined
    ? undefined
    : { modifier, status, components, globalDays, bilateral, assistant, coSurgeons, team };
}

const globalDays = /^(000|010|090|MMM|XXX|YYY|ZZZ)$/;

/** The columns of the file, which has its heading in several lines. */
const at = {
  ...{ code: 0, modifier: 1, status: 3, components: 13, globalDays: 14 },
  ...{ bilateral: 19, assistant: 20, coSurgeons: 21, team: 22 },
};

export const feeSchedule: Layout = {
  title: 'Medicare physician fee schedule, relative value file (PPRRVU)',
  edits: 'global days and indicators of the fee schedule',
  reader: () => (cells) => {
    const cell = (name: keyof typeof at): string => (cells[at[name]] ?? '').trim();
    if (!isService(cell('code'))) return [];
    const days = cell('globalDays').toUpperCase().padStart(3, '0'); // a spreadsheet drops leading zeros
    if (!globalDays.test(days)) return 'has no global days';
    const rest = [cell('bilateral'), cell('assistant'), cell('coSurgeons'), cell('team')];
    return [
      {
        key: cell('code'),
        value: [cell('modifier'), cell('status'), cell('components'), days, ...rest],
      },
    ];
  },
};
