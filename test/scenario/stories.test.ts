import { beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Claim,
  ClaimResponse,
  ExplanationOfBenefit,
  Invoice,
  PaymentReconciliation,
  Task,
} from '@medplum/fhirtypes';
import { fromMoney, sum, toText } from '../../src/datatypes/cents.ts';
import { codeOf } from '../../src/datatypes/coding.ts';
import { system } from '../../src/terminology/system.ts';
import { c4bbFaults } from '../conformance/c4bb.ts';
import { oracle, visitOf } from './oracle.ts';
import { openPractice, type Practice } from './practice.ts';
import {
  answerTo,
  claimOf,
  decisionOf,
  explanationsOf,
  invoiceLines,
  lineOf,
  text,
  totalOf,
} from './reading.ts';

let practice: Practice;
beforeAll(async () => {
  practice = await openPractice();
});

describe('claims', () => {
  const sent = [...oracle.claims, ...oracle.nextSteps.filter(({ claim }) => claim === '6 answered')];
  test.each(sent)(
    'story $claim: every line has the code, modifiers, units and charge of the oracle',
    async (story) => {
      const claim = await claimOf(practice, story.claim);
      const lines = (claim.item ?? []).map(lineOf);
      expect(lines).toEqual(
        story.lines.map(({ line, code, charge, ...rest }, i) => ({
          line,
          code,
          modifier: rest.modifier ?? lines[i]?.modifier, // the second payer's table has neither
          units: rest.units ?? lines[i]?.units,
          charge,
        })),
      );
      expect(text(claim.total)).toBe(toText(sum((claim.item ?? []).map(({ net }) => fromMoney(net ?? {})))));
      expect(claim.status).toBe('active');
    },
  );

  test.each(sent.filter(({ lines }) => lines[0]?.diagnosis))(
    'story $claim: every professional line points to the diagnosis it is for',
    async (story) => {
      const claim = await claimOf(practice, story.claim);
      expect(claim.item?.map(({ diagnosisSequence }) => diagnosisSequence)).toEqual(
        story.lines.map(({ diagnosis }) => diagnosis),
      );
    },
  );

  test('story 9a: every line has its revenue code, and institutional lines have no pointers', async () => {
    const claim = await claimOf(practice, '9a');
    expect(claim.item?.map(({ revenue }) => codeOf(revenue, system.revenueCode))).toEqual(
      oracle.claims.find((c) => c.claim === '9a')?.lines.map(({ revenue }) => revenue),
    );
    expect(claim.item?.some(({ diagnosisSequence }) => diagnosisSequence !== undefined)).toBe(false);
  });

  test('story 7: revenue codes of an outpatient bill, and the same lines for both payers', async () => {
    const [first, second] = [await claimOf(practice, '7 first'), await claimOf(practice, '7 second')];
    const revenue = (claim: Claim) => claim.item?.map((item) => codeOf(item.revenue, system.revenueCode));
    expect(revenue(first)).toEqual(['0510', '0636', '0636']);
    expect(second.item?.map(lineOf)).toEqual(first.item?.map(lineOf));
    expect(second.created).toBe('2026-07-30');
    const prior = second.insurance.find(({ sequence }) => sequence === 1)?.claimResponse?.reference;
    expect(prior).toBe(`ClaimResponse/${(await answerTo(practice, first)).id ?? ''}`);
  });

  test.each([
    ['1', '11', ['J06.9', 'Z23']],
    ['2', '11', ['M17.11']],
    ['3', '11', ['D50.0']],
    ['4', '11', ['K50.00']],
    ['5', '11', ['M54.50']],
    ['6 answered', '11', ['J45.41']],
    ['7 first', undefined, ['M81.0', 'E53.8']],
    ['9a', undefined, ['J18.9', 'E87.1', 'Z87.891']],
    ['9b', '41', ['J18.9']],
    ['10', '11', ['S93.401A', 'W01.0XXA']],
  ])('story %s: place of service and diagnoses', async (name, place, diagnoses) => {
    const claim = await claimOf(practice, name);
    const places =
      claim.item?.map((item) => codeOf(item.locationCodeableConcept, system.placeOfService)) ?? [];
    if (place !== undefined) expect(new Set(places)).toEqual(new Set([place]));
    const codes = claim.diagnosis?.map((d) => codeOf(d.diagnosisCodeableConcept, system.icd10cm)) ?? [];
    expect([...new Set(codes)]).toEqual(diagnoses);
  });

  test('story 8 has no claim, and there are eleven in all', async () => {
    expect(await practice.search<Claim>('Claim?encounter=Encounter/story-08')).toEqual([]);
    expect(await practice.search<Claim>('Claim?status=active')).toHaveLength(11);
    expect(await practice.search<Claim>('Claim')).toHaveLength(11);
  });

  test('story 10 tells the payer of the 25.00 that were paid, and of the accident', async () => {
    const claim = await claimOf(practice, '10');
    const paid = claim.supportingInfo?.find(
      (s) => codeOf(s.category, system.supportingInfo) === 'patient-paid',
    );
    expect(paid?.valueQuantity?.value).toBe(25);
    expect(claim.accident?.date).toBe('2026-06-08');
  });
});

describe('answers', () => {
  const byLine = oracle.claims.filter(({ header }) => header === undefined);
  test.each(byLine)(
    'story $claim: allowed, adjusted, left to the patient and paid, line by line',
    async (story) => {
      const answer = await answerTo(practice, await claimOf(practice, story.claim));
      expect(answer.outcome).toBe('complete');
      const told = (answer.item ?? []).map(({ itemSequence, adjudication }) => ({
        line: itemSequence,
        ...decisionOf(adjudication),
      }));
      expect(told).toEqual(
        story.lines.map(({ line, allowed, adjustments, patient, paid }, i) => ({
          line,
          allowed: allowed ?? told[i]?.allowed,
          adjustments,
          patient,
          paid,
        })),
      );
    },
  );

  test('story 9a is decided as a whole: a case rate at the header, nothing on the lines', async () => {
    const answer = await answerTo(practice, await claimOf(practice, '9a'));
    expect(answer.item ?? []).toEqual([]);
    expect(decisionOf(answer.adjudication ?? [])).toEqual({
      allowed: '6,248.17',
      adjustments: ['CO-45 2,362.24', 'PR-1 1,676.00'],
      patient: '1,676.00',
      paid: '4,572.17',
    });
  });

  test('story 6 is queued: a note names the document, a Task asks for it, nothing is decided', async () => {
    const claim = await claimOf(practice, '6');
    const answer = await answerTo(practice, claim);
    expect(answer.outcome).toBe('queued');
    expect(answer.item ?? []).toEqual([]);
    expect(answer.processNote?.some(({ text: note }) => note.includes('N706'))).toBe(true);
    expect(await explanationsOf(practice, claim)).toEqual([]);
    expect(await tasks('information-requested')).toHaveLength(1);
  });

  test.each([
    ['denial', 'tamsin-okafor'],
    ['find-coverage', 'henry-castellan'],
    ['information-requested', 'poppy-ferreira'],
  ])('there is one Task %s, for %s', async (code, patient) => {
    expect((await tasks(code)).map((task) => task.for?.reference)).toEqual([`Patient/${patient}`]);
  });

  test('nothing that was charted is waiting for a coder', async () => {
    expect(await tasks('coding')).toEqual([]);
  });
});

const tasks = async (code: string): Promise<Task[]> =>
  (await practice.search<Task>('Task')).filter((task) => codeOf(task.code, system.task) === code);

describe('explanations', () => {
  test.each(oracle.explanations)(
    'story $eOB: the totals add up as the oracle has them',
    async ({ eOB, paymentType, ...totals }) => {
      const [explanation, ...others] = await explanationsOf(
        practice,
        await claimOf(practice, eOB.replace(' (header)', '')),
      );
      if (!explanation) throw new Error('no explanation');
      expect(others).toEqual([]);
      const told = Object.fromEntries(
        Object.keys(totals).map((category) => [category, totalOf(explanation, category)]),
      );
      expect(told).toEqual(totals);
      expect(explanation.payment?.type?.coding?.[0]?.code).toBe(paymentType);
      expect(explanation.outcome).toBe('complete');
      expect(explanation.created.slice(0, 10)).toBe(
        (await answerTo(practice, await claimOf(practice, eOB.replace(' (header)', '')))).created.slice(
          0,
          10,
        ),
      );
    },
  );

  test('every explanation conforms to CARIN Blue Button 2.0.0, and so does whom it names', async () => {
    const explanations = await practice.search<ExplanationOfBenefit>('ExplanationOfBenefit');
    const faults = explanations.flatMap((eob) => c4bbFaults(eob).map((fault) => `${eob.id ?? ''}: ${fault}`));
    expect(faults).toEqual([]);
  });

  test('there are ten, and story 10 says that the patient paid 25.00', async () => {
    expect(await practice.search<ExplanationOfBenefit>('ExplanationOfBenefit')).toHaveLength(10);
    const [explanation] = await explanationsOf(practice, await claimOf(practice, '10'));
    expect(explanation && totalOf(explanation, 'paidbypatient')).toBe('25.00');
  });

  test('every complete answer has one remittance, and they pay 7,425.51 in all', async () => {
    const remittances = await practice.search<PaymentReconciliation>('PaymentReconciliation');
    const answers = await practice.search<ClaimResponse>('ClaimResponse');
    const answered = remittances.map((r) => r.detail?.[0]?.response?.reference).sort();
    const complete = answers
      .filter(({ outcome }) => outcome === 'complete')
      .map(({ id }) => `ClaimResponse/${id ?? ''}`);
    expect(answered).toEqual(complete.sort());
    expect(toText(sum(remittances.map(({ paymentAmount }) => fromMoney(paymentAmount))))).toBe('7,425.51');
  });
});

describe('invoices', () => {
  const invoicesOf = async (story: string): Promise<Invoice[]> => {
    const claims = await practice.search<Claim>(`Claim?encounter=Encounter/${visitOf(story)}`);
    const [claim] = claims;
    const named = claim?.patient.reference ?? 'Patient/leo-marchetti';
    const patient = named.split('/_history/')[0]; // a sent claim names the version that was sent
    return practice.search<Invoice>(`Invoice?subject=${patient}`);
  };

  test.each(oracle.invoices)(
    'story $story: the Invoice asks for $net, line by line',
    async ({ story, net }) => {
      const invoice = (await invoicesOf(story)).find(({ totalNet }) => text(totalNet) === net);
      if (!invoice) throw new Error(`no Invoice of ${net}`);
      expect(text(invoice.totalGross)).toBe(net);
      const wanted = oracle.invoiceLines.filter((line) => line.story === story);
      expect(await invoiceLines(practice, invoice)).toEqual(
        wanted.map(({ code, copay, deductible, coinsurance, nonCovered, before, net: asked }) => ({
          code: code.replace('MS-DRG ', ''),
          copay,
          deductible,
          coinsurance,
          nonCovered,
          before,
          net: asked,
        })),
      );
    },
  );

  test('there are eight for 3,243.67 in all; stories 4, 6 and 7 have none', async () => {
    const invoices = await practice.search<Invoice>('Invoice');
    expect(invoices).toHaveLength(8);
    expect(toText(sum(invoices.map(({ totalNet }) => fromMoney(totalNet ?? {}))))).toBe('3,243.67');
    for (const story of ['4', '6', '7']) expect(await invoicesOf(story)).toEqual([]);
  });

  test('only the Invoice of story 10 is balanced', async () => {
    const balanced = await practice.search<Invoice>('Invoice?status=balanced');
    expect(balanced.map(({ subject }) => subject?.reference)).toEqual(['Patient/dana-prescott']);
  });
});
