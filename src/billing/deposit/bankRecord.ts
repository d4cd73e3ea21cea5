import type { Basic, Extension } from '@medplum/fhirtypes';
import { centsOf, toMoney, zero, type Cents } from '../../datatypes/cents.ts';
import { concept, has } from '../../datatypes/coding.ts';
import { contentText } from '../../datatypes/content.ts';
import { extensionOf, extensionsOf } from '../../datatypes/extension.ts';
import { extension, system } from '../../terminology/system.ts';
import type { BankLine } from './bankLine.ts';
import type { KeptLine } from './matchBank.ts';

/** The kinds of batches: what lies in the drawer, checks, card payments, what a lockbox took in, transfers. */
export const batchKinds = ['drawer', 'check', 'card', 'lockbox', 'eft'] as const;
export type BatchKind = (typeof batchKinds)[number];
export const isBatchKind = (code: string): code is BatchKind => batchKinds.some((kind) => kind === code);

/** Payments that were taken to the bank together. */
export interface Batch {
  readonly kind: BatchKind;
  readonly day: string;
  readonly practice: string; // Organization/1
  readonly total: Cents;
  readonly closedBy: string;
  readonly items: readonly string[]; // PaymentNotice/1 or PaymentReconciliation/1
}

const text = (url: string, value: string | undefined): Extension[] =>
  value === undefined || value === '' ? [] : [{ url, valueString: value }];

/** The text by which a line is known when a statement comes again; `ordinal` tells lines that are alike. */
export const lineContent = (line: BankLine, practice: string, ordinal: number): string =>
  contentText([practice, line.account, line.date, line.amount, line.reference, line.text, ordinal]);

/** A line of a bank statement as it is kept. */
export const lineRecord = (line: BankLine, practice: string, hash: string): Basic => ({
  resourceType: 'Basic',
  identifier: [{ system: system.bankLine, value: hash }],
  code: concept(system.basic, 'bank-line'),
  author: { reference: practice },
  created: line.date,
  extension: [
    {
      url: extension.bankLine,
      extension: [
        ...text('account', line.account),
        { url: 'amount', valueMoney: toMoney(line.amount) },
        ...text('reference', line.reference),
        ...text('text', line.text),
        ...line.traces.flatMap((trace) => text('trace', trace)),
        ...text('payerTin', line.payerTin),
      ],
    },
  ],
});

export const isBankLine = ({ code }: Basic): boolean => has(code, system.basic, 'bank-line');
export const isBatch = ({ code }: Basic): boolean => has(code, system.basic, 'deposit-batch');

/** What a record keeps of a line. */
export function lineOf(record: Basic): KeptLine {
  const said = extensionOf(record, extension.bankLine);
  const one = (url: string): string | undefined => extensionOf(said, url)?.valueString;
  const tin = one('payerTin');
  return {
    name: `Basic/${record.id ?? ''}`,
    account: one('account') ?? '',
    date: record.created ?? '',
    amount: centsOf(extensionOf(said, 'amount')?.valueMoney) ?? zero,
    reference: one('reference') ?? '',
    text: one('text') ?? '',
    traces: extensionsOf(said, 'trace').flatMap((e) => e.valueString ?? []),
    ...(tin === undefined ? {} : { payerTin: tin }),
  };
}

/** What a line is the money of: PaymentReconciliation/1, Basic/1. */
export const matchesOf = (record: Basic): string[] =>
  extensionsOf(record, extension.bankMatch).flatMap((e) => e.valueReference?.reference ?? []);

/** The extensions of a line that is the money of these, and of nothing else. */
export const matchedTo = (record: Basic, names: readonly string[]): Extension[] => [
  ...(record.extension ?? []).filter((e) => e.url !== extension.bankMatch),
  ...names.map((reference) => ({ url: extension.bankMatch, valueReference: { reference } })),
];

/** A batch as it is kept. */
export const batchRecord = ({ kind, day, practice, total, closedBy, items }: Batch): Basic => ({
  resourceType: 'Basic',
  code: concept(system.basic, 'deposit-batch'),
  author: { reference: practice },
  created: day,
  extension: [
    {
      url: extension.depositBatch,
      extension: [
        { url: 'kind', valueCode: kind },
        { url: 'total', valueMoney: toMoney(total) },
        ...text('closedBy', closedBy),
        ...items.map((reference) => ({ url: 'item', valueReference: { reference } })),
      ],
    },
  ],
});

/** What a batch adds up to, and of what. */
export function batchOf(record: Basic): Pick<Batch, 'total' | 'items' | 'day'> {
  const said = extensionOf(record, extension.depositBatch);
  return {
    day: record.created ?? '',
    total: centsOf(extensionOf(said, 'total')?.valueMoney) ?? zero,
    items: extensionsOf(said, 'item').flatMap((e) => e.valueReference?.reference ?? []),
  };
}
