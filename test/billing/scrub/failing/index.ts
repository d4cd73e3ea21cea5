import type { Failing } from './case.ts';
import { coverage } from './coverage.ts';
import { diagnoses } from './diagnoses.ts';
import { editor } from './editor.ts';
import { enrolments } from './enrolment.ts';
import { fees } from './fees.ts';
import { fills } from './fills.ts';
import { header } from './header.ts';
import { modifiers } from './modifiers.ts';
import { money } from './money.ts';
import { orders } from './orders.ts';
import { parties } from './parties.ts';
import { services } from './services.ts';
import { tables } from './tables.ts';
import { paymentWindow } from './window.ts';
import { teeth } from './teeth.ts';

/** For every rule, sound claims made to fail. */
export const failing: readonly Failing[] = [
  ...header,
  ...parties,
  ...coverage,
  ...diagnoses,
  ...services,
  ...modifiers,
  ...orders,
  ...tables,
  ...editor,
  ...fees,
  ...teeth,
  ...paymentWindow,
  ...enrolments,
  ...fills,
  ...money,
];
