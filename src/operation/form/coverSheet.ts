import type { Patient } from '@medplum/fhirtypes';
import { payersOf, providerOf, supportOf, type FormInput } from '../../billing/form/claimFacts.ts';
import { attachmentText } from '../../billing/form/cms1500Condition.ts';
import { streetOf } from '../../billing/form/cms1500Provider.ts';
import {
  cityLine,
  longDate,
  personName,
  phoneOf,
  plain,
  spokenName,
  streetLines,
} from '../../billing/form/value.ts';
import { centsOf, toText, zero } from '../../datatypes/cents.ts';
import { identifierOf } from '../../datatypes/identifier.ts';
import { knownAs } from '../../datatypes/known.ts';
import { attachmentNumber, controlNumberOf } from '../../terminology/claimNumber.ts';
import { system } from '../../terminology/system.ts';
import { newDocument, put, type Page } from './draw.ts';

/**
 * The sheet that goes before documents sent apart from the claim (837 PWK): it has the number by which the payer puts
 * them together. One page for each document that the claim announces.
 */
export async function coverSheet(
  input: FormInput,
  { title, on }: { title: string; on: string },
): Promise<Buffer> {
  const { claim } = input;
  const { document, bytes } = newDocument(title, on);
  for (const announced of supportOf(claim, 'attachment')) {
    document.addPage();
    document.font('label').fontSize(20).fillColor('#000000');
    put(document, 'Documents for a claim', 72, 96);
    document.fontSize(11);
    put(document, 'Attachment control number', 72, 132);
    document.font('data').fontSize(22);
    put(document, attachmentNumber(announced, claim), 72, 160);
    rowsOf(input, attachmentText(announced, claim)).forEach(([label, text], n) => {
      row(document, label, text, 200 + 22 * n);
    });
  }
  document.end();
  return bytes;
}

function row(document: Page, label: string, text: string, y: number): void {
  document.font('label').fontSize(9).fillColor('#555555');
  put(document, label, 72, y);
  document.font('data').fontSize(10).fillColor('#000000');
  put(document, text, 220, y);
  document
    .lineWidth(0.3)
    .moveTo(72, y + 6)
    .lineTo(540, y + 6)
    .stroke('#bbbbbb');
}

const letters = 52; // of a row

function rowsOf(input: FormInput, announced: string): (readonly [string, string])[] {
  const { claim, known } = input;
  const focal = payersOf(input).find(({ insurance }) => insurance.focal);
  const provider = providerOf(known, claim.provider)?.provider;
  const patient = knownAs<Patient>(known, 'Patient', claim.patient);
  const address = focal?.payer?.address?.[0];
  const street = streetOf(provider?.address);
  const name =
    provider?.resourceType === 'Practitioner' ? spokenName(provider.name) : plain(provider?.name ?? '');
  const { area, number } = phoneOf(provider?.telecom);
  const served = [claim.billablePeriod?.start, claim.billablePeriod?.end]
    .map(longDate)
    .filter((d) => d !== '');
  const rows: (readonly [string, string])[] = [
    ['As announced on the claim', announced],
    ['To', focal?.payer?.name ?? ''],
    ['', [streetLines(address), cityLine(address)].filter((l) => l !== '').join(', ')],
    ['From', name],
    ['', [streetLines(street), cityLine(street)].filter((l) => l !== '').join(', ')],
    ['Telephone', `${area} ${number}`.trim()],
    ['NPI', identifierOf(provider, system.npi) ?? ''],
    ['Patient', personName(patient?.name)],
    ['Born', longDate(patient?.birthDate)],
    ['Member id', focal?.coverage?.subscriberId ?? ''],
    ['Account number of the claim', controlNumberOf(claim)],
    ['Dates of service', [...new Set(served)].join(' to ')],
    ['Total charge', toText(centsOf(claim.total) ?? zero)],
  ];
  return rows
    .filter(([, text]) => text !== '')
    .map(
      ([label, text]) => [label, text.length > letters ? `${text.slice(0, letters - 1)}…` : text] as const,
    );
}
