/** What a good-faith estimate says, plainly, in each language. See 45 CFR 149.610(c)(1)(viii) to (xi) */
export const estimateWords = {
  title: { en: 'Good faith estimate', es: 'Estimado de buena fe' },
  what: {
    en: 'This is what we expect to charge you for the care below if you do not use insurance.',
    es: 'Esto es lo que esperamos cobrarle por la atención de abajo si no usa un seguro.',
  },
  number: { en: 'Estimate', es: 'Estimado' },
  given: { en: 'Date', es: 'Fecha' },
  total: { en: 'Total', es: 'Total' },
  patient: { en: 'Patient', es: 'Paciente' },
  born: { en: 'Date of birth', es: 'Fecha de nacimiento' },
  primary: { en: 'Main service', es: 'Servicio principal' },
  day: { en: 'Day of the service', es: 'Día del servicio' },
  provider: { en: 'Who will bill you', es: 'Quién le cobrará' },
  name: { en: 'Name', es: 'Nombre' },
  clinician: { en: 'Clinician', es: 'Profesional' },
  taxId: { en: 'Tax ID', es: 'Número fiscal' },
  place: { en: 'Place', es: 'Lugar' },
  expected: { en: 'What we expect', es: 'Lo que esperamos' },
  date: { en: 'Date', es: 'Fecha' },
  service: { en: 'Service', es: 'Servicio' },
  code: { en: 'Code', es: 'Código' },
  units: { en: 'Units', es: 'Cantidad' },
  charge: { en: 'Charge', es: 'Cargo' },
  diagnoses: { en: 'Diagnosis codes', es: 'Códigos de diagnóstico' },
  separate: { en: 'What is scheduled separately', es: 'Lo que se programa por separado' },
  separateNote: {
    en: 'You may need this care too. It is not in the total. You get a separate estimate when it is scheduled, or when you ask for it.',
    es: 'También puede necesitar esta atención. No está en el total. Recibirá otro estimado cuando se programe o cuando lo pida.',
  },
  rights: { en: 'Your rights', es: 'Sus derechos' },
  notices: [
    {
      en: 'This is an estimate. It is based on what we know now. You may need other care, and it is not in this estimate.',
      es: 'Esto es un estimado. Se basa en lo que sabemos ahora. Puede necesitar otra atención, que no está en este estimado.',
    },
    {
      en: 'What you are charged may differ from this estimate.',
      es: 'Lo que se le cobre puede ser distinto de este estimado.',
    },
    {
      en: 'If we bill you $400 or more above this estimate, you have the right to dispute the bill. You can ask us to correct it, or start a dispute with the U.S. Department of Health and Human Services within 120 days of the first bill. Starting one does not change the quality of your care. See www.cms.gov/nosurprises or call 1-800-985-3059.',
      es: 'Si le cobramos $400 o más por encima de este estimado, usted tiene derecho a disputar la factura. Puede pedirnos que la corrijamos o iniciar una disputa ante el Departamento de Salud y Servicios Humanos de EE. UU. en los 120 días después de la primera factura. Iniciarla no cambia la calidad de su atención. Vea www.cms.gov/nosurprises o llame al 1-800-985-3059.',
    },
    {
      en: 'This is not a contract. You do not have to get this care from us.',
      es: 'Esto no es un contrato. No tiene que recibir esta atención de nosotros.',
    },
    {
      en: 'Keep this estimate. You may need it if you dispute your bill.',
      es: 'Guarde este estimado. Puede necesitarlo si disputa su factura.',
    },
  ],
  valid: { en: 'This estimate is good until', es: 'Este estimado es válido hasta el' },
} as const;
