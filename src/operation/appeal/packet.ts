import type { Claim, ClaimResponse, Coverage, Organization, Patient } from '@medplum/fhirtypes';
import type { AppealLevel } from '../../billing/appeal/appealLevel.ts';
import { fillTemplate, templateOf } from '../../billing/appeal/letterText.ts';
import { deniedBy, remarksOf } from '../../billing/denial/denied.ts';
import { cms1500 } from '../../billing/form/cms1500.ts';
import { ub04 } from '../../billing/form/ub04.ts';
import { cityLine, spokenName, streetLines } from '../../billing/form/value.ts';
import { adjudicated } from '../../datatypes/adjudication.ts';
import { toText, type Cents } from '../../datatypes/cents.ts';
import { codeOf } from '../../datatypes/coding.ts';
import { dateOf } from '../../datatypes/date.ts';
import { identifierOf } from '../../datatypes/identifier.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { businessFault } from '../../outcome/issue.ts';
import type { Reader } from '../../store/store.ts';
import { reasonLabel } from '../../terminology/claimAdjustmentReason.ts';
import { controlNumberOf } from '../../terminology/claimNumber.ts';
import { system } from '../../terminology/system.ts';
import { draw } from '../form/draw.ts';
import { cms1500Layout } from '../form/layout/cms1500.ts';
import { ub04Layout } from '../form/layout/ub04.ts';
import { readForm } from '../form/readForm.ts';
import type { Letter, Part } from '../letter/letter.ts';
import { printLetter } from '../letter/print.ts';
import { dollars, spokenDate } from '../letter/words.ts';
import type { Enclosed } from './documents.ts';
import { joinPdf, type Pages } from './joinPdf.ts';

/** All that a packet is made of. */
export interface PacketFacts {
  readonly claim: Claim;
  readonly response: ClaimResponse;
  readonly patient: Patient | undefined;
  readonly coverage: Coverage | undefined;
  readonly payer: Organization | undefined;
  readonly practice: Organization | undefined;
  readonly level: AppealLevel;
  readonly step: string; // of the guide
  readonly disputed: Cents;
  readonly on: string;
  readonly letter?: string | undefined; // instead of the template
  readonly goodCause?: string | undefined;
  readonly exception?: string | undefined;
  readonly documents: readonly Enclosed[];
}

/** What is said where documents of 42 CFR Part 2 go out (2.32). */
const redisclosure =
  '42 CFR part 2 prohibits unauthorized use or disclosure of these records. They are disclosed with the consent of the patient and only what the request needs.';

/** The packet of an appeal as one PDF: letter, what the payer decided, the claim, the documents. */
export async function makePacket(reader: Reader, facts: PacketFacts): Promise<Uint8Array> {
  const { claim, on } = facts;
  const parts: Pages[] = [pdf(await printLetter(letterOf(facts)))];
  const form = await formOf(reader, claim);
  if (form) parts.push(form);
  for (const document of facts.documents)
    parts.push(document.pages ?? pdf(await printLetter(textPage(facts, document))));
  try {
    const mark = `Appeal ${controlNumberOf(claim)}`;
    return await joinPdf(parts, { title: `Appeal of Claim/${claim.id ?? ''}`, on, mark });
  } catch {
    const text = 'a document cannot be read: it is damaged, encrypted or not what its type says';
    throw unprocessable([
      businessFault('document-unreadable', "Parameters.parameter.where(name='document')", text),
    ]);
  }
}

const pdf = (bytes: Uint8Array): Pages => ({ contentType: 'application/pdf', bytes });

async function formOf(reader: Reader, claim: Claim): Promise<Pages | undefined> {
  const type = codeOf(claim.type, system.claimType);
  if (type !== 'professional' && type !== 'institutional') return undefined;
  const read = await readForm(reader, claim);
  const [layout, form] = type === 'professional' ? [cms1500Layout, cms1500(read)] : [ub04Layout, ub04(read)];
  const printing = {
    style: 'facsimile',
    offset: { x: 0, y: 0 },
    title: layout.title,
    on: dateOf(claim.created),
  } as const;
  return pdf(await draw(layout, form, printing));
}

const linesOf = (of: Organization | undefined): string[] => {
  const contact = of?.contact?.find((c) =>
    /appeal/i.test(c.purpose?.text ?? c.purpose?.coding?.[0]?.code ?? ''),
  );
  const address = contact?.address ?? of?.address?.[0];
  return [of?.name ?? '', contact ? 'Appeals' : '', streetLines(address), cityLine(address)].filter(
    (l) => l !== '',
  );
};

function letterOf(facts: PacketFacts): Letter {
  const { claim, response, patient, coverage, level, disputed, on } = facts;
  const days = [
    ...new Set(
      [claim.billablePeriod?.start, claim.billablePeriod?.end].flatMap((d) => d?.slice(0, 10) ?? []),
    ),
  ];
  const service = days.map((d) => spokenDate('en', d)).join(' to ');
  const reasons = [...deniedBy(response).keys()].map(withLabel);
  const named = {
    ...{
      claim: controlNumberOf(claim),
      number: identifierOf(response, system.payerClaimControlNumber) ?? '',
    },
    ...{
      patient: spokenName(patient?.name),
      service,
      amount: dollars(disputed),
      reasons: reasons.join('; '),
    },
    ...{ decided: spokenDate('en', response.created), level: level.name },
  };
  const text = facts.letter ?? fillTemplate(templateOf(facts.practice, facts.step), named);
  const fact = (label: string, value: string) => (value === '' ? [] : [{ label, value }]);
  return {
    ...{ title: `Appeal of Claim/${claim.id ?? ''}`, on, language: 'en' },
    from: linesOf(facts.practice),
    to: linesOf(facts.payer),
    facts: [...fact('Date', spokenDate('en', on)), ...fact('In dispute', dollars(disputed))],
    running: `Appeal of claim ${named.claim}`,
    parts: [
      { kind: 'heading', level: 1, text: `${level.name.slice(0, 1).toUpperCase()}${level.name.slice(1)}` },
      {
        kind: 'facts',
        facts: [
          ...fact('Patient', named.patient),
          ...fact('Born', spokenDate('en', patient?.birthDate)),
          ...fact('Member id', coverage?.subscriberId ?? ''),
          ...fact('Your claim number', named.number),
          ...fact('Our claim number', named.claim),
          ...fact('Dates of service', service),
          ...fact('Decision of', named.decided),
          ...fact('NPI', identifierOf(facts.practice, system.npi) ?? ''),
        ],
      },
      ...text.split(/\n\s*\n/).map((one): Part => ({ kind: 'paragraph', text: one.trim() })),
      ...exceptional(facts),
      { kind: 'heading', text: 'Enclosed' },
      {
        kind: 'list',
        items: ['What was decided, line by line', 'The claim', ...facts.documents.map((d) => d.title)],
      },
      {
        kind: 'together',
        parts: [{ kind: 'paragraph', text: 'Signed for the provider: ______________________________' }],
      },
      { kind: 'page' },
      { kind: 'heading', level: 1, text: 'What was decided' },
      decisions(facts),
      ...remarks(response),
    ],
  };
}

/** What is said of an appeal that is late, that asks for an exception, or that carries protected records. */
function exceptional({ goodCause, exception, documents }: PacketFacts): Part[] {
  const said = (title: string, text: string | undefined): Part[] =>
    text === undefined
      ? []
      : [
          { kind: 'heading', text: title },
          { kind: 'paragraph', text },
        ];
  return [
    ...said('Why it comes late', goodCause),
    ...said('The exception that is asked for', exception),
    ...said('Notice', documents.some((d) => d.labels.length > 0) ? redisclosure : undefined),
  ];
}

const withLabel = (carc: string): string => {
  const label = reasonLabel(carc);
  return label === undefined ? `CARC ${carc}` : `${label} (CARC ${carc})`;
};

function decisions({ claim, response }: PacketFacts): Part {
  const amount = (head: string) => ({ head, amount: true });
  return {
    kind: 'table',
    columns: [
      { head: 'Line' },
      { head: 'Service' },
      amount('Charge'),
      amount('Allowed'),
      amount('Paid'),
      { head: 'Reasons', share: 3 },
    ],
    rows: adjudicated(response).map((line) => ({
      cells: [
        line.sequence?.toString() ?? 'all',
        claim.item?.find((i) => i.sequence === line.sequence)?.productOrService.coding?.[0]?.code ?? '',
        toText(line.submitted),
        toText(line.allowed),
        toText(line.paid),
        line.adjustments
          .map((a) =>
            `${a.group}-${a.reason} ${reasonLabel(a.reason) ?? ''} ${toText(a.amount)}`.replaceAll(
              / +/g,
              ' ',
            ),
          )
          .join('; '),
      ],
    })),
  };
}

const remarks = (response: ClaimResponse): Part[] => {
  const codes = remarksOf(response);
  return codes.length === 0 ? [] : [{ kind: 'paragraph', text: `Remarks of the payer: ${codes.join(', ')}` }];
};

function textPage({ claim, on }: PacketFacts, { title, text = '' }: Enclosed): Letter {
  return {
    ...{ title: `Document of Claim/${claim.id ?? ''}`, on, language: 'en', from: [], to: [] },
    running: `Appeal of claim ${controlNumberOf(claim)}`,
    parts: [
      { kind: 'heading', level: 1, text: title },
      ...text.split(/\n\s*\n/).map((one): Part => ({ kind: 'paragraph', text: one.trim() })),
    ],
  };
}
