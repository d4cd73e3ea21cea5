import type {
  Account,
  Binary,
  DocumentReference,
  Encounter,
  Organization,
  ParametersParameter,
  Patient,
} from '@medplum/fhirtypes';
import { extensionOf, extensionsOf } from '../../../src/datatypes/extension.ts';
import { extension } from '../../../src/terminology/system.ts';
import { day, openOffice, type Office } from '../../firm/receipts.ts';
import type { Answer } from '../../firm/overHttp.ts';
import type { Store } from '../../../src/store/store.ts';
import { readPdf, textsOf } from '../../form/pdf.ts';

/** The office of the receipts with names, addresses and a telephone, as letters need them. */
export async function letterOffice(open: () => Promise<Store>): Promise<Office> {
  const office = await openOffice(open);
  const clinic = await office.get<Organization & { id: string }>('Organization/clinic');
  await office.put({
    ...clinic,
    name: 'Alder Street Clinic',
    telecom: [{ system: 'phone', value: '413 555 0142' }],
    address: [{ line: ['214 Alder Street'], city: 'Northampton', state: 'MA', postalCode: '01060' }],
  });
  await patientOf(office, 'a', { name: [{ given: ['Ana'], family: 'Prescott' }] });
  await patientOf(office, 'b', { name: [{ given: ['Bela'], family: 'Prescott' }] });
  return office;
}

/** Changes a Patient; the address is that of both. */
export async function patientOf(office: Office, id: string, over: Partial<Patient>): Promise<void> {
  const patient = await office.get<Patient & { id: string }>(`Patient/${id}`);
  const address = [{ line: ['1 Long Lane'], city: 'Easthampton', state: 'MA', postalCode: '01027' }];
  const { status, codes } = await office.put({ address, ...patient, ...over });
  if (status >= 300) throw new Error(codes.join(', '));
}

export async function accountOf(office: Office, id: string, over: Partial<Account>): Promise<void> {
  const account = await office.get<Account & { id: string }>(`Account/${id}`);
  const { status, codes } = await office.put({ ...account, ...over });
  if (status >= 300) throw new Error(codes.join(', '));
}

/** Labels a visit sensitive: its bill gets the label too. */
export async function labelVisit(office: Office, id: string, code: string): Promise<void> {
  const visit = await office.get<Encounter & { id: string }>(`Encounter/${id}`);
  const security = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code }];
  const { status } = await office.put({ ...visit, meta: { security } });
  if (status >= 300) throw new Error('not labelled');
}

export const asOf = (valueDate: string): ParametersParameter => ({ name: 'asOf', valueDate });
export const scope = (valueCode: string): ParametersParameter => ({ name: 'scope', valueCode });

export const statement = (
  office: Office,
  account: string,
  on: string,
  more: readonly ParametersParameter[] = [],
): Promise<Answer> => office.call(`Account/${account}/$statement`, [day(on), ...more]);

export const recordOf = (answer: Answer): (DocumentReference & { id: string }) | undefined =>
  answer.all<DocumentReference & { id: string }>('statement')[0];

/** The figures of a record in dollars, by name. */
export function figuresOf(record: DocumentReference | undefined): Readonly<Record<string, unknown>> {
  const parts = extensionOf(record, extension.statementFigures)?.extension ?? [];
  return Object.fromEntries(
    parts.map((p) => [
      p.url,
      p.valueMoney?.value ?? p.valueDate ?? p.valueCode ?? p.valueUnsignedInt ?? p.valueReference?.reference,
    ]),
  );
}

export const linesOf = (record: DocumentReference | undefined): Readonly<Record<string, unknown>>[] =>
  extensionsOf(record, extension.statementLine).map((line) =>
    Object.fromEntries(
      (line.extension ?? []).map((p) => [
        p.url,
        p.valueMoney?.value ?? p.valueDate ?? p.valueReference?.reference,
      ]),
    ),
  );

export const bytesOf = (answer: Answer, name = 'pdf'): Buffer =>
  Buffer.from(answer.all<Binary>(name)[0]?.data ?? '', 'base64');

/** All texts of the letter. */
export async function printed(answer: Answer, name = 'pdf'): Promise<string> {
  const pages = await readPdf(bytesOf(answer, name));
  return pages.map((page) => textsOf(page).join('\n')).join('\n');
}
