import { expect, test } from '@jest/globals';
import type { Binary, PaymentReconciliation } from '@medplum/fhirtypes';
import { openStore } from '../../src/store/openStore.ts';
import { clearinghouse, openPartnerOffice, until } from '../transport/partnerOffice.ts';
import { interchange, remittance } from './written.ts';

const now = (): string => new Date().toISOString();

test('3 what a partner leaves in its folder is kept and posted, and our 999 goes back to the partner', async () => {
  const office = await openPartnerOffice(() => openStore('sqlite::memory:', { now }));
  try {
    await office.put(clearinghouse({ pollSeconds: 1, quietSeconds: 0 }));
    const text = interchange(remittance)
      .replace('PAYER          ', 'ACMECH         ')
      .replace('PRACTICE       ', 'ALDER          ');
    office.drop('era.835', text);
    await until(() => Promise.resolve(office.files('out').length > 0));
    const [sent = ''] = office.sentTexts();
    expect(sent).toMatch(/^ISA.{29}ZZ\*ALDER {10}\*ZZ\*ACMECH {9}\*/);
    expect(sent).toContain('AK1*HP*5*005010X221A1~AK2*835*0001~IK5*A~AK9*A*1*1*1~');
    await until(() => Promise.resolve(office.files('archive').includes('era.835')));
    const found = async <T>(type: string): Promise<readonly T[]> => {
      const { entry = [] } = (await office.get(type)) as unknown as { entry?: { resource: T }[] };
      return entry.map(({ resource }) => resource);
    };
    const remitted = await found<PaymentReconciliation>('PaymentReconciliation');
    expect(remitted.map(({ paymentAmount }) => paymentAmount.value)).toEqual([80]);
    const kept = await found<Binary>('Binary');
    expect(kept.map(({ data = '' }) => Buffer.from(data, 'base64').toString())).toEqual(
      expect.arrayContaining([text, sent]),
    );
    office.drop('again.835', text);
    await until(() => Promise.resolve(office.files('archive').includes('again.835')));
    expect(await found('Binary')).toHaveLength(kept.length);
    expect(office.files('out')).toHaveLength(1);
  } finally {
    await office.close();
  }
});
