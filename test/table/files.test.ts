import { describe, expect, test } from '@jest/globals';
import { filesOf } from '../../src/operation/table/unzip.ts';
import { recordsOf } from '../../src/operation/table/tableRecords.ts';
import { editionOf, editionOfFile } from '../../src/terminology/table/editionName.ts';
import { dateOfCms } from '../../src/terminology/table/layout.ts';
import { layoutOf, tableOfFile, type TableName } from '../../src/terminology/table/tables.ts';
import { piecesOf, zipOf } from './archive.ts';

/** The rows of a text in pieces of a size, and what could not be read. */
async function rowsOf(table: TableName, text: string, size = 1000): Promise<unknown[]> {
  const layout = layoutOf(table);
  const read = layout.reader();
  const found: unknown[] = [];
  for await (const records of recordsOf(piecesOf(Buffer.from(text), size), layout)) {
    for (const { no, cells } of records) {
      const rows = read(cells);
      if (typeof rows === 'string') found.push([no, rows]);
      else found.push(...rows.map(({ key, value }) => [key, ...value]));
    }
  }
  return found;
}

async function namesIn(bytes: Uint8Array, size: number): Promise<string[]> {
  const found: string[] = [];
  for await (const file of filesOf({ name: 'x.zip', bytes: piecesOf(bytes, size) })) {
    let text = '';
    for await (const piece of file.bytes) text += Buffer.from(piece).toString();
    found.push(`${file.name} ${text.length} ${text.slice(0, 5)}`);
  }
  return found;
}

const pairs = [
  'CPT only copyright\t\t\t\t\t\t',
  'Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale',
  'G0438\tG0439\t\t20200101\t*\t0\tMore extensive procedure',
  'G0402\tT1015\t*\t19960101\t20260401\t1\tMisuse of column two code',
  'G0403\tT1015\t\t20200101\t*\t7\tan indicator that is none',
].join('\r\n');

describe('files of CMS are read as they are laid out', () => {
  test('pairs: separated by tabs, below headings', async () => {
    expect(await rowsOf('ptp-practitioner', pairs)).toEqual([
      ['G0438 G0439', '2020-01-01', null, '0'],
      ['G0402 T1015', '1996-01-01', '2026-04-01', '1'],
      [5, expect.stringContaining('modifier indicator')],
    ]);
  });

  test('units: CSV with quotes, line ends within cells, and texts with commas', async () => {
    const text =
      '"CPT codes, copyright","","",""\n"HCPCS/\nCPT Code","MUE Values","MUE Adjudication Indicator","MUE Rationale"\n' +
      'G0438,1,"2 Date of Service Edit: Policy","Code ""descriptor"", CMS"\nJ1885,8,3 Date of Service Edit: Clinical,Data\n' +
      'J1956,many,3,Data';
    for (const size of [1, 7, 1000])
      expect(await rowsOf('mue-practitioner', text, size)).toEqual([
        ['G0438', 1, 2],
        ['J1885', 8, 3],
        [6, expect.stringContaining('units')],
      ]);
  });

  test('add-ons: by the heading of the spreadsheet, or of fixed width, with days of the year', async () => {
    const csv =
      'Add-On_Code,AOC_Del_Dt_Julian,Primary_Code,Primary_Code_Del_Dt_Julian,AOC_Edit_EffDt_Julian,AOC_Edit_DelDt_Julian,AOC_Edit_Type,Special_Instruction_Notes\n' +
      'G2211,,G0438,,2024001,,1,\nG2212,,CCCCC,,2021001,2026091,2,"(CCCCC = contractor, defined)"\n';
    const expected = [
      ['G2211', 1, 'G0438', '2024-01-01', null],
      ['G2212', 2, 'CCCCC', '2021-01-01', '2026-04-01'],
    ];
    expect(await rowsOf('add-on', csv)).toEqual(expected);
    const fixed =
      'G2211        G0438       2024001       1\nG2212        CCCCC       20210012026091 2 CCCCC = contractor\n';
    expect(await rowsOf('add-on', fixed)).toEqual(expected);
  });

  test('the fee schedule: by column, below a heading of several lines', async () => {
    const row = (days: string): string =>
      `J1885,,a description,A,,0,0,,0,,0,0,0,0,${days},0,0,0,2,1,2,0,0,,32.35,09,0,99\n`;
    const text = `2026 release,,,\nHCPCS,MOD,DESCRIPTION,CODE\n${row('10')}${row('ZZZ')}${row('??')}`;
    expect(await rowsOf('fee-schedule', text)).toEqual([
      ['J1885', '', 'A', '0', '010', '1', '2', '0', '0'],
      ['J1885', '', 'A', '0', 'ZZZ', '1', '2', '0', '0'],
      [5, 'has no global days'],
    ]);
  });

  test('diagnoses: the order file of fixed width, or CSV with a heading; exempt ones', async () => {
    const order =
      '00001 A00     0 Header, of finer codes                                       Header\n00002 A000    1 Leaf                                                         Leaf\n';
    expect(await rowsOf('icd10cm', order)).toEqual([
      ['A00', 0, null],
      ['A000', 1, null],
    ]);
    expect(await rowsOf('icd10cm', 'code,billable,short,poa_exempt\nA00,0,"x, y",\nA00.0,1,z,1\n')).toEqual([
      ['A00', 0, null],
      ['A000', 1, 1],
    ]);
    expect(await rowsOf('poa-exempt', 'Order\tCode\tText\n1\tB90.0\tSequelae\n2\tB901\tMore\n')).toEqual([
      ['B900', 1],
      ['B901', 1],
    ]);
  });

  test('services: lines of 320 characters, or CSV with a heading; further lines go on with a description', async () => {
    const line = (code: string, record: string, text: string, added: string, ends: string): string =>
      `${code.padEnd(5)}00100${record}${text.padEnd(80)}`.padEnd(268) + `${added}20260101${ends}`.padEnd(52);
    const text = [
      line('J1885', '3', 'Injection, of something', '19960101', '        '),
      line('J1885', '4', 'that goes on', '19960101', '        '),
      line('J3490', '3', 'Unclassified drugs', '19960101', '20260630'),
      line('   ZB', '7', 'A modifier', '20260101', '        '),
    ].join('\r\n');
    const expected = [
      ['J1885', '1996-01-01', null, 0],
      ['J3490', '1996-01-01', '2026-06-30', 1],
      ['ZB', '2026-01-01', null, 0],
    ];
    expect(await rowsOf('hcpcs', text)).toEqual(expected);
    const csv =
      'HCPC,SEQNUM,RECID,LONG DESCRIPTION,ADD DT,TERM DT\nJ1885,10,3,x,19960101,\nJ1885,20,4,y,19960101,\n' +
      'J3490,10,3,Unclassified drugs,1/1/1996,6/30/2026\nZB,10,7,x,20260101,\n';
    expect(await rowsOf('hcpcs', csv)).toEqual(expected);
  });

  test('the Medicare Code Editor: its lists by their headings, without the contents', async () => {
    const text = [
      'Definitions of Medicare Code Edits',
      '4. Age conflict\t8',
      'A. Perinatal/Newborn diagnoses\t8',
      '5. Sex conflict\t20',
      '4. Age conflict',
      'The Medicare Code Editor detects inconsistencies.',
      'A. Perinatal/Newborn diagnoses',
      'A33\tTetanus neonatorum',
      'B. Pediatric diagnoses (age 0 through 17)',
      'Z00129\tExam',
      'C. Maternity diagnoses (age 9 through 64)',
      'O80\tDelivery',
      '5. Sex conflict',
      'A. Diagnoses for females only',
      'N760\tx',
      'D. Procedures for males only',
      '0VB00ZZ\tx',
      '6. Manifestation code as principal diagnosis',
      'H42\tx',
      '8. Questionable admission',
      'O80\tx',
      '9. Unacceptable principal diagnosis',
      'These are considered "acceptable" when a secondary diagnosis is also coded:',
      'Z5189\tx',
      'Unacceptable principal diagnosis codes',
      'B950\tx',
      'Z5189\tx',
      '10. Non-specific O.R. procedure',
      'B951\tx',
    ].join('\r\n');
    const expected = [
      ['A33', 'age', 0, 0],
      ['Z00129', 'age', 0, 17],
      ['O80', 'age', 9, 64],
      ['N760', 'sex', 'female'],
      ['PCS 0VB00ZZ', 'sex', 'male'],
      ['H42', 'manifestation'],
      ['Z5189', 'needs-another'],
      ['B950', 'unacceptable'],
    ];
    expect(await rowsOf('mce', text)).toEqual(expected);
    expect(await rowsOf('mce', text, 7)).toEqual(expected);
  });

  test('Excludes1: notes of a code, and of section and chapter at each category in it', async () => {
    const xml = `<?xml version="1.0"?><ICD10CM.tabular><version>2026</version><!-- <excludes1> no -->
      <chapter><name>4</name><excludes1><note>transitory disorders of newborn (P70-P74)</note></excludes1>
      <section id="E08-E13"><excludes1><note>words (acute) only</note></excludes1>
      <diag><name>E11</name><excludes1><note>type 1 (E10.-)</note><note>other (O24.4-, P70.2) &amp; more</note><note/></excludes1>
        <excludes2><note>not this one (I10)</note></excludes2>
        <diag><name>E11.2</name><excludes1><note>strange (T36-T50 with fifth character 6)</note></excludes1></diag>
      </diag><diag><name>E13</name></diag></section></chapter></ICD10CM.tabular>`;
    for (const size of [1, 1000])
      expect(await rowsOf('excludes1', xml, size)).toEqual([
        ['E11', 'P70', 'P74'],
        ['E11', 'E10', 'E10'],
        ['E11', 'O244', 'O244'],
        ['E11', 'P702', 'P702'],
        [6, expect.stringContaining('Excludes1')],
        ['E13', 'P70', 'P74'],
      ]);
  });

  test('texts of reason and remark codes: both lists in one, groups passed over', async () => {
    const text =
      'type,code,description,start,last_modified,end\nGroup,CO,x,,,\nCARC,45,"Own, invented",1995-01-01,,\n' +
      'CARC,A2,gone,,,2008-01-01\nRARC,MA130,own  words,1/1/2000,,\nRARC,N1,,,,\n';
    expect(await rowsOf('reason-text', text)).toEqual([
      ['45', 'Own, invented', '1995-01-01', null],
      ['A2', 'gone', null, '2008-01-01'],
      ['MA130', 'own words', '2000-01-01', null],
      [6, 'has no text'],
    ]);
  });

  test('dates: of the year, of the calendar, none, and what is none', () => {
    expect(['20260131', '2026032', '1/31/2026', '2026-01-31', '*', '', '99999999'].map(dateOfCms)).toEqual([
      ...['2026-01-31', '2026-02-01', '2026-01-31', '2026-01-31'],
      ...[null, null, null],
    ]);
    expect(['soon', '20261301', '2026400', '2026'].map(dateOfCms)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('tables and editions are told by the names CMS gives', () => {
  test.each([
    ['ccipra-v321r0-f1.TXT', 'ptp-practitioner', '2026Q2', '2026-04-01', '2026-06-30'],
    ['ccioph-v313r0-f2.TXT', 'ptp-outpatient', '2025Q4', '2025-10-01', '2025-12-31'],
    [
      'MCR_MUE_PractitionerServices_Eff_01-01-2026.csv',
      'mue-practitioner',
      '2026Q1',
      '2026-01-01',
      '2026-03-31',
    ],
    [
      'MCR_MUE_OutpatientHospitalServices_Eff_07-01-2026.csv',
      'mue-outpatient',
      '2026Q3',
      '2026-07-01',
      '2026-09-30',
    ],
    ['MCR_MUE_DMESupplierServices_Eff_10-01-2026.csv', 'mue-supplier', '2026Q4', '2026-10-01', '2026-12-31'],
    ['AOC_V2026Q1-MCR.txt', 'add-on', '2026Q1', '2026-01-01', '2026-03-31'],
    ['PPRRVU26_APR.csv', 'fee-schedule', '2026Q2', '2026-04-01', '2026-06-30'],
    ['icd10cm_order_2026.txt', 'icd10cm', 'FY2026', '2025-10-01', '2026-09-30'],
    ['POAexemptCodesFY26.txt', 'poa-exempt', 'FY2026', '2025-10-01', '2026-09-30'],
    ['HCPC2026_JAN_ANWEB.txt', 'hcpcs', '2026', '2026-01-01', '2026-12-31'],
    ['HCPC2026_APR_ANWEB_v3.txt', 'hcpcs', '2026Q2', '2026-04-01', '2026-06-30'],
    ['Definitions of Medicare Code Edits_v_43.txt', 'mce', 'FY2026', '2025-10-01', '2026-09-30'],
    ['definition-medicare-code-edits-v431.zip', 'mce', '2026-04-01', '2026-04-01', undefined],
    ['fy2027-fr-definition-mce-v44.zip', 'mce', 'FY2027', '2026-10-01', '2027-09-30'],
    ['icd10cm_tabular_2026.xml', 'excludes1', 'FY2026', '2025-10-01', '2026-09-30'],
    ['carc-rarc-cagc-2024-06.csv', 'reason-text', '2024-06', '2024-06-01', undefined],
  ])('%s', (file, table, name, from, through) => {
    expect(tableOfFile(file)).toBe(table);
    expect(editionOfFile(file)).toEqual({ name, from, ...(through === undefined ? {} : { through }) });
  });

  test('what says nothing is not guessed', () => {
    expect(tableOfFile('table.csv')).toBeUndefined();
    expect(editionOfFile('table.csv')).toBeUndefined();
    expect(['2026Q5', '26Q1', 'FY26', 'spring', '2026-13-01'].map((name) => editionOf(name))).toEqual(
      Array.from({ length: 5 }, () => undefined),
    );
    expect(editionOf('FY2026')).toEqual({ name: 'FY2026', from: '2025-10-01', through: '2026-09-30' });
    expect(editionOf('2026-04-01')).toEqual({ name: '2026-04-01', from: '2026-04-01' });
  });
});

describe('archives are unpacked as they stream in', () => {
  const files = { 'a.txt': 'first '.repeat(40_000), 'folder/b.csv': 'second', 'c.txt': '' };
  const expected = ['a.txt 240000 first', 'folder/b.csv 6 secon', 'c.txt 0 '];
  test.each([
    ['packed', {}],
    ['with the sizes behind', { descriptor: true }],
    ['unpacked', { stored: true }],
  ])('%s', async (_what, how) => {
    for (const size of [1000, 1_000_000]) expect(await namesIn(zipOf(files, how), size)).toEqual(expected);
  });

  test('what nobody reads is passed over', async () => {
    const names: string[] = [];
    for await (const { name } of filesOf({ name: 'x.zip', bytes: piecesOf(zipOf(files)) })) names.push(name);
    expect(names).toEqual(Object.keys(files));
  });

  test('neighbour: an archive cut off, or changed by a bit, is refused', async () => {
    const whole = zipOf(files, { descriptor: true });
    await expect(namesIn(whole.subarray(0, 200), 50)).rejects.toThrow('ends too early');
    const bad = zipOf({ 'a.txt': 'first', 'b.txt': 'second' }, { stored: true });
    bad[bad.indexOf('first')] = 0x46;
    await expect(namesIn(bad, 50)).rejects.toThrow('checksum');
  });

  test('neighbour: a file that is no archive comes as it is', async () => {
    expect(await namesIn(Buffer.from('PK is no archive'), 3)).toEqual(['x.zip 16 PK is']);
    expect(await namesIn(Buffer.from('x'), 3)).toEqual(['x.zip 1 x']);
  });
});
