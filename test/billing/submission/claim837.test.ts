import { expect, test } from '@jest/globals';
import type { Claim, ClaimResponse, Resource } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { formOfGuide, readClaim } from '../../../src/billing/submission/claim837/readClaim.ts';
import { apart } from '../../../src/billing/submission/claim837/readParties.ts';
import { loopOf, loopsOf, segmentOf, segmentsOf, type Loop } from '../../../src/x12/loop.ts';
import { element } from '../../../src/x12/segment.ts';
import { faultsOf, readBytes, readTransactions } from '../../../src/x12/read.ts';
import { written } from '../../fixture/written837.ts';
import { generatedClaim, type Form, type GeneratedClaim } from '../../fixture/generatedClaim.ts';
import { runsOf } from '../../runs.ts';

const runs = runsOf({ usual: 34, long: 334 }); // three forms: 100, 1,000
const forms: readonly Form[] = ['professional', 'institutional', 'oral'];
function readBack(text: string): { claim: Claim; loop: Loop }[] {
  return [...readBytes(Buffer.from(text))].flatMap((part) => {
    const form = part.kind === 'unit' ? formOfGuide(part.guide.id) : undefined;
    return part.kind === 'unit' && form ? [{ claim: readClaim(part, form), loop: part.loop }] : [];
  });
}

/** A claim by what it says: references as the content they name, lists without an order of their own sorted. */
function content(claim: Claim, resources: readonly Resource[]): unknown {
  const known = new Map(resources.map((r) => [`${r.resourceType}/${r.id ?? ''}`, r]));
  const plain = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(plain);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).filter(([, v]) => v !== undefined);
    return Object.fromEntries(
      entries
        .filter(([key]) => key !== 'id')
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, v]) => {
          const named = key === 'reference' && typeof v === 'string' ? known.get(v) : undefined;
          return [key, named ? plain(named) : plain(v)];
        }),
    );
  };
  const text = (value: unknown): string => JSON.stringify(plain(value));
  const without = (value: object | undefined): object => ({ ...value, sequence: undefined });
  const info = (sequence: number): string =>
    text(without(claim.supportingInfo?.find((s) => s.sequence === sequence)));
  const member = (sequence: number): string =>
    text(without(claim.careTeam?.find((m) => m.sequence === sequence)));
  const used = new Set((claim.item ?? []).flatMap(({ informationSequence = [] }) => informationSequence));
  return plain({
    ...claim,
    careTeam: (claim.careTeam ?? []).map((m) => text(without(m))).sort(),
    supportingInfo: (claim.supportingInfo ?? [])
      .filter(({ sequence }) => !used.has(sequence))
      .map(({ sequence }) => info(sequence))
      .sort(),
    item: (claim.item ?? []).map(({ informationSequence, careTeamSequence, ...item }) => ({
      ...item,
      said: (informationSequence ?? []).map(info).sort(),
      team: (careTeamSequence ?? []).map(member).sort(),
    })),
  });
}

test.each(forms)('done 2 a generated %s claim, written as 837 and read again, is the same claim', (form) => {
  fc.assert(
    fc.property(generatedClaim(form), (generated) => {
      const { text, problems } = written(generated);
      expect(problems).toEqual([]);
      expect(faultsOf(readTransactions(text)).map(({ sentence }) => sentence)).toEqual([]);
      const [read] = readBack(text);
      const again = read && apart(read.claim);
      expect(again && content(again.claim, again.resources)).toEqual(
        content(generated.claim, generated.resources),
      );
    }),
    { numRuns: runs },
  );
});

const cents = (text: string): number => Math.round(Number(text) * 100);
const adjusted = (loop: Loop): number =>
  segmentsOf(loop, 'CAS').reduce(
    (sum, cas) => sum + [3, 6, 9, 12, 15, 18].reduce((s, n) => s + cents(element(cas, n) || '0'), 0),
    0,
  );
const valueOf = (loop: Loop, id: string, n: number, qualifier?: string): number => {
  const found = segmentOf(loop, id, qualifier);
  return found ? cents(element(found, n)) : 0;
};

test.each(forms)('done 2 the other payers of a %s claim satisfy rule 46 to the cent', (form) => {
  fc.assert(
    fc.property(generatedClaim(form), (generated) => {
      const [read] = readBack(written(generated).text);
      if (!read) throw new Error('no claim was read');
      const lines = loopsOf(read.loop, '2400');
      for (const payer of loopsOf(read.loop, '2320').filter((loop) => segmentOf(loop, 'AMT', 'D'))) {
        const nm1 = segmentOf(loopOf(payer, '2330B') ?? payer, 'NM1');
        const decided = lines.map((line) => ({
          line,
          own: loopsOf(line, '2430').find((l) => {
            const svd = segmentOf(l, 'SVD');
            return svd && nm1 && element(svd, 1) === element(nm1, 9);
          }),
        }));
        for (const { line, own } of decided) {
          const charge =
            form === 'institutional'
              ? valueOf(line, 'SV2', 3)
              : valueOf(line, form === 'oral' ? 'SV3' : 'SV1', 2);
          if (own) expect(valueOf(own, 'SVD', 2) + adjusted(own)).toBe(charge);
        }
        const below = decided.reduce((sum, { own }) => sum + (own ? adjusted(own) : 0), 0);
        expect(valueOf(payer, 'AMT', 2, 'D') + adjusted(payer) + below).toBe(valueOf(read.loop, 'CLM', 2));
      }
    }),
    { numRuns: runs },
  );
});

const sample = (form: Form): GeneratedClaim => {
  const [one] = fc.sample(generatedClaim(form), { numRuns: 1, seed: 7 });
  if (!one) throw new Error('no sample');
  return one;
};

test('done 2 neighbour: an answer that is a cent off is told, and nothing is bent to fit', () => {
  const generated = fc
    .sample(generatedClaim('professional'), { numRuns: 60, seed: 11 })
    .find(({ resources }) => resources.some((r) => r.resourceType === 'ClaimResponse' && r.item));
  if (!generated) throw new Error('no claim with an answer');
  const resources = generated.resources.map((r): Resource => {
    if (r.resourceType !== 'ClaimResponse') return r;
    const payment = r.payment && {
      ...r.payment,
      amount: { ...r.payment.amount, value: (Math.round((r.payment.amount.value ?? 0) * 100) + 1) / 100 },
    };
    const off: ClaimResponse = { ...r, ...(payment ? { payment } : {}) };
    return off;
  });
  const { problems } = written({ ...generated, resources });
  expect(problems.map(({ text }) => text)).toContain('the charge is not what the payer paid and adjusted');
});

test('done 2 neighbour: an adjustment of the whole claim goes out as it was given, not as it was divided', () => {
  const generated = fc
    .sample(generatedClaim('professional'), { numRuns: 60, seed: 11 })
    .find(({ resources }) => resources.some((r) => r.resourceType === 'ClaimResponse' && r.item));
  if (!generated) throw new Error('no claim with an answer');
  const less = (value: number | undefined): number => Math.round((value ?? 0) * 100 - 100) / 100;
  const coded = (code: string, uri: string) => ({ coding: [{ system: uri, code }] });
  const whole = {
    category: coded('CO', 'https://x12.org/codes/claim-adjustment-group-codes'),
    reason: coded('A2', 'https://x12.org/codes/claim-adjustment-reason-codes'),
    amount: { value: 1, currency: 'USD' as const },
  };
  const url = 'https://claimwright.example/fhir/StructureDefinition/allocated-adjustment';
  const part = { ...whole, extension: [{ url, valueBoolean: true }] };
  const resources = generated.resources.map((r): Resource => {
    if (r.resourceType !== 'ClaimResponse' || !r.item) return r;
    const item = r.item.map((line, n) => {
      if (n > 0) return line;
      const paid = line.adjudication.map((a) =>
        a.category.coding?.[0]?.code === 'benefit'
          ? { ...a, amount: { ...a.amount, value: less(a.amount?.value) } }
          : a,
      );
      return { ...line, adjudication: [...paid, part] };
    });
    const payment = r.payment && {
      ...r.payment,
      amount: { ...r.payment.amount, value: less(r.payment.amount.value) },
    };
    return { ...r, item, adjudication: [whole], ...(payment ? { payment } : {}) };
  });
  const { text, problems } = written({ ...generated, resources });
  expect(problems).toEqual([]);
  expect(text).toContain('~CAS*CO*A2*1~');
  const lines = (all: string): string[] => all.split('~').filter((each) => each.startsWith('SVD'));
  expect(lines(text)).toEqual(lines(written(generated).text));
});

test('done 2 neighbour: a replacement without the payer’s number, and a role without a place, are told', () => {
  const { claim, ...rest } = sample('professional');
  const frequency = {
    sequence: 90,
    category: {
      coding: [
        { system: 'https://claimwright.example/fhir/CodeSystem/supporting-info', code: 'claim-frequency' },
      ],
    },
    code: { coding: [{ code: '7' }] },
  };
  const strange = {
    sequence: 91,
    provider: { reference: 'Practitioner/other' },
    role: { coding: [{ code: 'attending' }] },
  };
  const { related: _related, ...original } = claim;
  const { problems } = written({
    ...rest,
    claim: {
      ...original,
      careTeam: [...(claim.careTeam ?? []), strange],
      supportingInfo: [
        ...(claim.supportingInfo ?? []).filter((s) => s.category.coding?.[0]?.code !== 'claim-frequency'),
        frequency,
      ],
    },
  });
  expect(problems.map(({ expression }) => expression)).toEqual([
    'Claim.careTeam.where(sequence = 91).role',
    'Claim.related.reference',
  ]);
});

test('done 2 neighbour: text of any script goes without separators and without what no partner reads', () => {
  const generated = sample('professional');
  const resources = generated.resources.map((r) =>
    r.resourceType === 'Patient' && r.id === 'patient'
      ? { ...r, name: [{ family: 'Müller~*:^', given: ['José'] }] }
      : r,
  );
  const [read] = readBack(written({ ...generated, resources }).text);
  const names =
    read?.claim.contained?.flatMap((r) => (r.resourceType === 'Patient' ? (r.name ?? []) : [])) ?? [];
  expect(names).toContainEqual({ family: 'Muller', given: ['Jose'] });
});
