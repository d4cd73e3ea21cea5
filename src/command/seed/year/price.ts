/**
 * The prices by which the plans of the year's practice set their fees, in cents a unit. Those that the demo's charge
 * master has too are the same there; `own` are added to it.
 */
export interface Price {
  readonly code: string;
  readonly price: number;
  readonly own?: string; // what it is called
}

export const prices: readonly Price[] = [
  { code: 'T1015', price: 16_845 },
  { code: 'Q2038', price: 4_120 },
  { code: 'G0008', price: 3_675 },
  { code: 'J3301', price: 975 },
  { code: 'J7325', price: 1_985 },
  { code: 'J1885', price: 1_485 },
  { code: 'J3420', price: 2_475 },
  { code: 'J0696', price: 1_115 },
  { code: 'J0897', price: 3_147 },
  { code: 'J7613', price: 115 },
  { code: 'S8101', price: 3_820 },
  { code: 'E0114', price: 6_430 },
  { code: 'G0439', price: 21_240, own: 'Annual wellness visit' },
  { code: 'G0444', price: 3_185, own: 'Depression screening' },
  { code: 'G0447', price: 4_460, own: 'Counselling for obesity, 15 minutes' },
];
