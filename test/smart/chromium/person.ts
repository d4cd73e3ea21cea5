import type { Browser, Page } from 'playwright-core';
import type { Texts } from '../../../src/http/smart/text/texts.ts';
import { password } from '../browser.ts';

interface Options {
  readonly locale?: string;
  readonly texts: Texts;
}

/** Somebody at a browser that nobody used before, and what they do on the pages. */
export class Person {
  page: Page;
  readonly texts: Texts;
  /** What a page was not allowed by its Content-Security-Policy. */
  readonly refused: string[] = [];

  private constructor(page: Page, texts: Texts) {
    this.page = page;
    this.texts = texts;
  }

  static async at(browser: Browser, { locale = 'en-US', texts }: Options): Promise<Person> {
    const context = await browser.newContext({ locale, viewport: { width: 1280, height: 800 } });
    context.setDefaultTimeout(60_000);
    const person = new Person(await context.newPage(), texts);
    context.on('console', (message) => {
      if (/Content.Security.Policy/i.test(message.text())) person.refused.push(message.text());
    });
    return person;
  }

  /** Does something in another tab of the same browser. */
  async inAnotherTab(work: () => Promise<void>): Promise<void> {
    const former = this.page;
    this.page = await former.context().newPage();
    await work();
    await this.page.close();
    this.page = former;
  }

  press(name: string): Promise<void> {
    return this.page.getByRole('button', { name, exact: true }).click();
  }

  async signIn(name: string): Promise<void> {
    await this.page.getByLabel(this.texts.accountName).fill(name);
    await this.page.getByLabel(this.texts.password).fill(password);
    await this.press(this.texts.signIn);
  }

  sees(text: string): Promise<void> {
    return this.page.getByText(text).first().waitFor();
  }

  leave(): Promise<void> {
    return this.page.context().close();
  }
}
